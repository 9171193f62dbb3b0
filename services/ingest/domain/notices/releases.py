"""OCDS releases: taken out of their packages, and merged in the order of their dates (OCDS 1.1.5, merging)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.ingest.domain.notices.notice import Data, Unusable, clean

OBJECTS = ("planning", "tender", "buyer")
LISTS = ("parties", "awards", "contracts", "relatedProcesses")
OF_ONE_RELEASE = frozenset({"id", "date", "tag"})
"""Fields of the release itself: merging leaves them out."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release where it stands in its file, with its process, its own id and its date."""

    place: str
    ocid: str
    id: str
    date: datetime
    tags: frozenset[str]
    content: Data


@dataclass(frozen=True, slots=True)
class Unread:
    """A release of which nothing can be taken, and why."""

    place: str
    error: Unusable


def is_ocds(parsed: Any) -> bool:
    """Whether this is a release package, a record package or a single release."""
    if not isinstance(parsed, dict):
        return False
    return isinstance(parsed.get("releases"), list) or isinstance(parsed.get("records"), list) or "ocid" in parsed


def releases_of(package: Data) -> Iterator[Release | Unread]:
    """The releases of a package, in the order of the file; one for each record that holds none but a compiled one."""
    if isinstance(package.get("releases"), list):
        found = [(f"/releases/{position}", one) for position, one in enumerate(package["releases"])]
    elif isinstance(package.get("records"), list):
        found = []
        for position, record in enumerate(package["records"]):
            found += of_record(record, f"/records/{position}")
    else:
        found = [("", package)]
    for place, one in found:
        try:
            yield release_of(one, place)
        except Unusable as error:
            yield Unread(place, error)


def of_record(record: Any, place: str) -> list[tuple[str, Any]]:
    """The releases that a record holds; its compiled release where it only links to them."""
    held = record.get("releases") if isinstance(record, dict) else None
    if isinstance(held, list) and held and all(isinstance(one, dict) and "ocid" in one for one in held):
        return [(f"{place}/releases/{position}", one) for position, one in enumerate(held)]
    compiled = record.get("compiledRelease") if isinstance(record, dict) else None
    if isinstance(compiled, dict):
        return [(f"{place}/compiledRelease", compiled)]
    return [(place, LINKED if isinstance(held, list) and held else record)]


LINKED: Any = object()
"""Stands for releases that are elsewhere."""


def release_of(one: Any, place: str) -> Release:
    """A release whose parts have the types that OCDS gives them. Raises Unusable."""
    if one is LINKED:
        raise Unusable("releases_linked")
    if not isinstance(one, dict):
        raise Unusable("shape_invalid")
    for name in OBJECTS:
        if not isinstance(one.get(name), (dict, type(None))):
            raise Unusable("shape_invalid", name)
    for name in LISTS:
        entries = one.get(name)
        if entries is not None and not (isinstance(entries, list) and all(isinstance(part, dict) for part in entries)):
            raise Unusable("shape_invalid", name)
    ocid, own = written(one, "ocid"), written(one, "id")
    if ocid is None:
        raise Unusable("ocid_missing", "ocid")
    if own is None:
        raise Unusable("id_missing", "id")
    tags = one.get("tag")
    known = frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset()
    return Release(place, ocid, own, moment(one.get("date")), known, one)


def moment(value: Any) -> datetime:
    """A date-time of OCDS in UTC. Raises Unusable."""
    try:
        read = datetime.fromisoformat(value if isinstance(value, str) else "")
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unusable("date_invalid", "date") from None


def merge(before: Data, release: Data) -> Data:
    """What is known of a process after one more release: null removes, objects grow, lists grow by ids."""
    merged = dict(before)
    for name, value in release.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            known = before.get(name)
            merged[name] = merge(known if isinstance(known, dict) else {}, value)
        elif isinstance(value, list):
            merged[name] = merge_list(before.get(name), value)
        else:
            merged[name] = value
    return merged


def merge_list(before: Any, release: list[Any]) -> list[Any]:
    """A list whose parts all have ids grows by them; any other is replaced."""
    known = before if isinstance(before, list) else []
    if not all(isinstance(part, dict) and written(part, "id") is not None for part in (*known, *release)):
        return [merge({}, part) if isinstance(part, dict) else part for part in release]
    by_id: dict[Any, Data] = {part["id"]: part for part in known}
    for part in release:
        by_id[part["id"]] = merge(by_id.get(part["id"], {}), part)
    return list(by_id.values())


def merged_with(before: Data, release: Release) -> Data:
    """The process as it is known after this release."""
    return merge(before, {name: value for name, value in release.content.items() if name not in OF_ONE_RELEASE})


def written(part: Any, name: str) -> str | None:
    """A text or whole number of a part, on one line."""
    value = part.get(name) if isinstance(part, dict) else None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    return clean(str(value))


def inner(part: Any, name: str) -> Data:
    """An object of a part, or an empty one."""
    value = part.get(name) if isinstance(part, dict) else None
    return value if isinstance(value, dict) else {}


def several(part: Any, name: str) -> list[Data]:
    """The objects in a list of a part."""
    value = part.get(name) if isinstance(part, dict) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
