"""Finding what a person names: suppliers by name or id, for the commands of every service."""

from typing import Any
from uuid import UUID

from shared.client import CommandError, call

FEW = 6
"""Suppliers that are named where a name is not exactly, or not only, one's."""
MOST = 200
"""Suppliers among which the one of exactly this name is looked for."""


def find_supplier(wanted: str, key: str) -> str:
    """The id of the one supplier with this id, or exactly this name but for case and spaces: an act is about no other.

    Raises CommandError where there is none, naming those that come close, or where there are several.
    """
    try:
        return str(UUID(wanted))
    except ValueError:
        found: list[dict[str, Any]] = call(
            "ingest", "GET", "/registry/suppliers", key, params={"name": wanted, "limit": MOST}
        )["items"]
    exact = [one for one in found if plain(one["name"]) == plain(wanted)]
    if len(exact) == 1:
        return str(exact[0]["id"])
    if not found:
        raise CommandError("The registry has no supplier of this name; give its id, or its whole name.")
    text = "Several suppliers have" if exact else "The registry has no supplier of exactly"
    instead = "give the id of one" if exact else "give the id or the whole name of one that comes close"
    lines = [f"  {one['id']}  {one['name']}" for one in (exact or found)[:FEW]]
    raise CommandError("\n".join([f"{text} this name; {instead}:", *lines]))


def plain(name: str) -> str:
    """A name without what case and spaces make of it."""
    return " ".join(name.split()).casefold()
