"""However a notice is damaged, each of its contracts is one that the door can take, or a problem with a known code."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.domain.events.remedies import REMEDIES
from services.ingest.domain.events.submission import Reader, Refused
from services.ingest.domain.lists.findings import ADVICE as OF_FILES
from services.ingest.domain.lists.findings import FileInvalid
from services.ingest.domain.lists.sheets import Record
from services.ingest.domain.notices import ADVICE, Notices, read_notices
from services.ingest.domain.notices.plan import Buyers, plan, source_of
from services.ingest.domain.notices.rows import COLUMNS, read_rows
from tests.ingest.conftest import Doors
from tests.ingest.test_notices_import import send

FILES = Path(__file__).parent / "files"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ODD: list[Any] = [
    *(None, True, 0, -1, 10**30, 1.5, "", " ", "x" * 300, "\u0000", "\u202e", "\ud800"),
    *("9999-99-99", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "terminated", "ocds-exampl-2025-7"),
    *([], {}, [None], [[]], {"id": {}}, {"id": None}, [{"id": []}]),
]
"""What stands where something else should."""
ODD_TEXTS = [
    None,
    "",
    " ",
    "x" * 300,
    "\u202e",
    "9999-99-99",
    "9999-12-31-14:00",
    "25:00:00",
    "ORG-0003",
    "true",
    "cancel",
]
many = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def places(part: Any) -> Iterator[tuple[Any, Any]]:
    """Every object or array of a JSON document with each of its keys or positions."""
    if isinstance(part, (dict, list)):
        for key in list(part) if isinstance(part, dict) else range(len(part)):
            yield part, key
            yield from places(part[key])


def damaged_json(name: str, chance: random.Random) -> bytes:
    parsed = json.loads((FILES / name).read_bytes())
    for _ in range(chance.randint(1, 6)):
        found = list(places(parsed))
        if not found:
            break
        part, key = chance.choice(found)
        if chance.random() < 0.4:
            del part[key]
        else:
            part[key] = copy.deepcopy(chance.choice(ODD))
    return json.dumps(parsed).encode()


def damaged_xml(name: str, chance: random.Random) -> bytes:
    root = ElementTree.fromstring((FILES / name).read_bytes())
    for _ in range(chance.randint(1, 6)):
        parent = chance.choice([one for one in root.iter() if len(one)] or [root])
        if not len(parent):
            break
        child = chance.choice(list(parent))
        what = chance.random()
        if what < 0.35:
            parent.remove(child)
        elif what < 0.5:
            parent.append(child)
        else:
            child.text = chance.choice(ODD_TEXTS)
    return bytes(ElementTree.tostring(root, encoding="utf-8"))


def decided(notices: Notices) -> int:
    """How many statements of a file the door could take; fails where a problem or an objection has no known code."""
    reader = Reader("oslo", NOW, timedelta(minutes=5), b"pepper of a test" * 2)
    for one in notices.found:
        assert (one.problem is None) != (one.contract is None and one.end is None), "a contract, or a problem"
        assert one.problem is None or one.problem.code in ADVICE
    said = [one for one in notices.found if one.problem is None]
    steps = plan(said, {}, [], Buyers({"999999972": "watch"}, "999999980"), source_of("a list"), NOW).steps
    taken = 0
    for step in steps:
        try:
            reader.read_event(step.event)
            taken += 1
        except Refused as refused:
            assert all(one.code in REMEDIES for one in refused.objections)
    return taken


def damage_and_decide(damage: Callable[[str, random.Random], bytes], name: str, seed: int) -> None:
    try:
        notices = read_notices(damage(name, random.Random(seed)), 1000)
    except FileInvalid as invalid:
        assert all(finding.code in OF_FILES for finding in invalid.findings)
        return
    decided(notices)


@pytest.mark.parametrize("name", ["ocds_releases.json", "doffin.json"])
@given(seed=st.integers(0, 2**32))
@many
def test_a_damaged_json_file_gives_contracts_or_coded_problems(name: str, seed: int) -> None:
    damage_and_decide(damaged_json, name, seed)


@given(seed=st.integers(0, 2**32))
@many
def test_a_damaged_eforms_notice_gives_contracts_or_coded_problems(seed: int) -> None:
    damage_and_decide(damaged_xml, "eforms_framework.xml", seed)


@given(content=st.binary(max_size=300), start=st.sampled_from([b"<", b"{", b"[", b"\xff\xfe<\0", b""]))
@many
def test_any_bytes_are_refused_by_a_known_code(content: bytes, start: bytes) -> None:
    with pytest.raises(FileInvalid) as invalid:
        read_notices(start + content, 1000)

    assert all(finding.code in OF_FILES for finding in invalid.value.findings)


@given(cells=st.lists(st.one_of(st.text(max_size=120), st.sampled_from(["2025-01-01", "call_off", "NO"])), max_size=25))
@many
def test_any_row_gives_a_contract_or_a_coded_problem(cells: list[str]) -> None:
    decided(read_rows(COLUMNS, [Record(2, 2, ["1", "Example Electronics", "framework", *cells])], 10))


def test_undamaged_files_are_taken_whole() -> None:
    taken = [decided(read_notices(file.read_bytes(), 1000)) for file in sorted(FILES.iterdir()) if file.name in KNOWN]

    assert taken == [3, 3, 8]


KNOWN = {"doffin.json", "eforms_framework.xml", "ocds_releases.json"}


async def test_damaged_files_leave_the_database_with_contracts_or_without(doors: Doors) -> None:
    for seed in range(40):
        chance = random.Random(seed)
        damage, name = chance.choice(
            [(damaged_json, "ocds_releases.json"), (damaged_json, "doffin.json"), (damaged_xml, "eforms_framework.xml")]
        )
        try:
            report = await send(doors, damage(name, chance), dry_run=True)
        except FileInvalid:
            continue
        assert report["accepted"] + report["duplicate"] + report["rejected"] == report["rows"]
        assert all(error["remedy"] for error in report["errors"])
    assert await doors.count("contract") == 0
