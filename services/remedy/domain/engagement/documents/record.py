"""The export for an archive system: each event with its attributes and a title that is safe for a public journal.

A public body's journal is open to everyone: a title names neither supplier, site, issue nor member, only the kind of
record. The exemption label is that of the event's classification; records of a group have none of their own, so that
the body assesses each request for access itself (Freedom of Information Act of Norway, sections 13, 23, 24).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.events.envelope import EXEMPTIONS, Classification

FORMAT = "engage-archive/1"
EVENTS = "events.jsonl"
MANIFEST = "manifest.json"
ASSESSED_BY_BODY = "none set: the body assesses access itself"
RETENTION = (
    "The topics are kept for ever. How long this export is kept is for the rules of the archive that takes it; the "
    "links of evidence lead outside it, and their files are to be archived apart, checked by the SHA-256 given here."
)


def title_of(event_type: str) -> str:
    """The title of a record for a public journal: the kind of event, and nothing that anybody wrote."""
    words = event_type.rsplit(".", 1)[0].replace(".", " ").replace("-", " ")
    return f"Engagement with a supplier: {words}"


def exemption_of(classification: str) -> str:
    """Why a record is exempt from public access, by its classification."""
    return EXEMPTIONS.get(Classification(classification), ASSESSED_BY_BODY)


def line_of(attributes: Mapping[str, Any], data: Any, standing: str | None = None) -> dict[str, Any]:
    """One event as a line of the export. `standing` is what became of an entry."""
    kept = {name: value for name, value in attributes.items() if value is not None}
    journal = {"title": title_of(attributes["type"]), "exemption": exemption_of(attributes["classification"])}
    return kept | journal | ({"standing": standing} if standing else {}) | {"data": data}


def gaps(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is missing between the first and the last event of each key, by their gapless sequences."""
    places: dict[tuple[str, str], list[int]] = {}
    for line in lines:
        if "sequence" in line:
            places.setdefault((line["topic"], line["subject"]), []).append(int(line["sequence"]))
    return [
        f"{topic}, key {subject}: {missing} missing"
        for (topic, subject), found in sorted(places.items())
        if (missing := max(found) - min(found) + 1 - len(found)) or len(set(found)) != len(found)
    ]


def unknown_sources(document: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """The events that a document names and that the export does not have."""
    known = {line["id"] for line in lines}
    return [one["id"] for one in document["events"] if one["id"] not in known]
