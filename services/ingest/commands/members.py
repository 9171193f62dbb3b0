"""Commands about members and working groups."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from services.ingest import tables
from services.ingest.commands.options import AsJson, console
from shared.client import CommandError, call, kafka_bootstrap, operator_key, state_folder
from shared.topics import TopicDiffers, ensure_topics, member_topics, workinggroup_topics


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    member = typer.Typer(no_args_is_help=True, help="Members: public buyers, the secretariat, monitoring partners.")
    member.command("add")(add_member)
    member.command("list")(list_members)
    group = typer.Typer(no_args_is_help=True, help="Working groups: members that speak with the same suppliers.")
    group.command("add")(add_group)
    app.add_typer(member, name="member")
    app.add_typer(group, name="group")


def add_member(
    slug: Annotated[str, typer.Argument(help="Short id for topics and commands: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="Full name.")],
    country: Annotated[str | None, typer.Option(help="ISO 3166 code, such as NO.")] = None,
    kind: Annotated[str, typer.Option(help="buyer, secretariat or partner.")] = "buyer",
    new_key: Annotated[bool, typer.Option("--new-key", help="Make a further key for a member that has one.")] = False,
) -> None:
    """Add a member: its topics, its entry, its key. The key is printed this once. Repeating is harmless.

    Example: engage member add oslo --name "City of Oslo" --country NO
    """
    make_topics(member_topics, slug)
    order = {"member": slug, "name": name, "kind": kind} | ({"country": country} if country else {})
    path = "/members?new_key=true" if new_key else "/members"
    answer = call("ingest", "POST", path, operator_key(), json=order)
    screen = console()
    if key := answer.get("key"):
        kept = keep_key(slug, key)
        screen.print(f"Member {slug} is registered. Its key, shown this once:", markup=False)
        print(key)
        if kept is not None:
            screen.print(f"Kept for the commands of this stack in {kept}", markup=False, soft_wrap=True)
    else:
        screen.print(f"Member {slug} is registered; it keeps the key that it has.", markup=False)


def list_members(as_json: AsJson = False) -> None:
    """List the members. Example: engage member list"""
    found = call("ingest", "GET", "/members", operator_key())
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        console().print(tables.of_members(found))


def add_group(
    slug: Annotated[str, typer.Argument(help="Short id for topics and commands: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="Full name.")],
    purpose: Annotated[str, typer.Option(help="What the group is for, in one sentence.")],
    secretariat: Annotated[str, typer.Option(help="The member that keeps the group's secretariat.")],
    category: Annotated[list[str] | None, typer.Option(help="ILO category, such as forced_labour. Repeatable.")] = None,
    supplier: Annotated[list[str] | None, typer.Option(help="Name of a supplier. Repeatable.")] = None,
    member: Annotated[list[str] | None, typer.Option(help="SLUG or SLUG:lead|collaborating|supporting.")] = None,
) -> None:
    """Establish a working group: its topics and its entry. Repeating is harmless.

    Example: engage group add batteries --name "Batteries" --purpose "Cobalt in batteries" --secretariat watch
    --category child_labour --supplier "Example Electronics" --member oslo:lead --member dfo
    """
    make_topics(workinggroup_topics, slug)
    order = {
        "workinggroup": slug,
        "name": name,
        "purpose": purpose,
        "secretariat": secretariat,
        "categories": category or [],
        "suppliers": supplier or [],
        "members": [role_of(one) for one in member or []],
    }
    answer = call("ingest", "POST", "/workinggroups", operator_key(), json=order)
    suppliers = len(answer["suppliers"])
    console().print(
        f"Working group {slug} is established: {len(member or [])} members, {suppliers} suppliers.", markup=False
    )


def make_topics(names_of: Callable[[str], list[str]], slug: str) -> None:
    """Make the topics of a member or group before anything is published to them. Raises CommandError."""
    bootstrap = kafka_bootstrap()
    try:
        asyncio.run(ensure_topics(bootstrap, names_of(slug)))
    except ValueError as error:
        raise CommandError(f"This id cannot be used: {error}.") from None
    except TopicDiffers as error:
        raise CommandError(str(error)) from None
    except (KafkaError, TimeoutError) as error:
        raise CommandError(
            f"Kafka at {bootstrap} does not answer ({type(error).__name__}). Try 'engage status'."
        ) from None


def keep_key(slug: str, key: str) -> Path | None:
    """Keep a member's key beside the local stack's other secrets, for its owner only; None without a local stack."""
    if not (state_folder() / "secrets").is_dir():
        return None
    folder = state_folder() / "secrets" / "members"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{slug}.key"
    partial = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(key)
    partial.replace(file)
    return file


def role_of(text: str) -> dict[str, str]:
    """`SLUG` or `SLUG:ROLE` as the service reads it."""
    slug, colon, role = text.partition(":")
    return {"member": slug, "role": role} if colon else {"member": slug}
