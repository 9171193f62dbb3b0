"""Bad files by the command line: what is wrong, where, and how to mend it; a broken file imports nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.door import Door, disclosure
from tests.live_stack import LiveStack

HEADER = "country,name,address\n"
ROW = "NO,Example,1 Sample Road\n"
BROKEN_FILES: dict[str, tuple[bytes, list[str]]] = {
    "a missing column": (
        b"name,address\nExample,1 Sample Road\n",
        ["row 1", "column country", "Add the column"],
    ),
    "columns in words of its own": (
        b"Bedrift;Adresse;Land\nExample;1 Sample Road;NO\n",
        ["row 1", "--map A=name --map B=address --map C=country"],
    ),
    "an empty file": (b"", ["row 1", "name the columns"]),
    "a header alone": (HEADER.encode(), ["row 1", "Check that the right file"]),
    "a quote that never ends": (
        f'{HEADER}NO,"Example,1 Sample Road\n'.encode(),
        ["row 2", "Close every quote"],
    ),
    "a column twice": (
        f"country,name,address,name\n{ROW}".encode(),
        ["row 1", "column name"],
    ),
    "the header again": (
        f"{HEADER}{ROW}{HEADER}".encode(),
        ["row 3", "one list at a time"],
    ),
    "a spreadsheet's own format": (b"PK\x03\x04\x14\x00\x06\x00\xff\xfe", ["spreadsheet", "CSV UTF-8"]),
}


def summary(stack: LiveStack) -> object:
    """What the registry knows, in counts."""
    return stack.ask("ingest", "/registry/summary").json()


def without_outcomes(report: dict[str, Any]) -> dict[str, Any]:
    """A report but for the ids of each row, which a dry run cannot know."""
    return {name: value for name, value in report.items() if name != "outcomes"}


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_broken_file_is_refused_whole_with_file_row_column_and_remedy(
    stack: LiveStack, member: Door, tmp_path: Path, name: str
) -> None:
    content, words = BROKEN_FILES[name]
    file = tmp_path / "broken.csv"
    file.write_bytes(content)
    before = summary(stack)

    told = stack.engage("import", str(file), "--member", member.member, code=1)

    assert [word for word in ("broken.csv", "Nothing was imported", *words) if word not in told] == []
    assert summary(stack) == before


def test_a_refused_file_is_reported_to_programs_in_the_same_shape(
    stack: LiveStack, member: Door, tmp_path: Path
) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(BROKEN_FILES["a missing column"][0])

    report = stack.json("import", str(file), "--member", member.member, code=1)

    assert [report[name] for name in ("rows", "accepted", "duplicate", "rejected")] == [0, 0, 0, 0]
    fault = {name: report["errors"][0][name] for name in ("row", "column", "code")}
    assert fault == {"row": 1, "column": "country", "code": "column_missing"}
    assert report["errors"][0]["remedy"]


def test_a_broken_row_is_reported_and_the_rest_goes_in(
    stack: LiveStack, member: Door, tmp_path: Path, fresh: str
) -> None:
    file = tmp_path / "list.csv"
    rows = [
        f"NO,Example North {fresh},1 Sample Road",
        f"Atlantis,Example Sunk {fresh},2 Sample Road",
        f"NO,,3 Sample Road {fresh}",
        f'NO,"Example\nFolded {fresh}",4 Sample Road',
        f"Narnia,Example Cold {fresh},5 Sample Road",
        f"NO,Example {'x' * 200} {fresh},6 Sample Road",
    ]
    file.write_text(HEADER + "\n".join(rows) + "\n")

    told = stack.engage("import", str(file), "--member", member.member, "--list", f"told-{fresh}", code=1)
    report = stack.json("import", str(file), "--member", member.member, "--list", f"list-{fresh}", code=1)

    assert (report["rows"], report["accepted"], report["rejected"]) == (6, 2, 4)
    places = [(error["row"], error["column"], error["code"]) for error in report["errors"]]
    assert places == [
        (3, "country", "country_unknown"),
        (4, "name", "value_missing"),
        (6, "country", "country_unknown"),
        (7, "name", "too_long"),
    ]
    assert report["errors"][2]["line"] == 7
    assert "row 3, column country" in told and "ISO 3166" in told
    assert "Atlantis" not in told


def test_after_a_broken_row_nothing_is_said_to_be_gone(
    stack: LiveStack, member: Door, tmp_path: Path, fresh: str
) -> None:
    file = tmp_path / "list.csv"
    words = ("--member", member.member, "--list", f"list-{fresh}", "--edition")
    file.write_text(f"{HEADER}NO,Example Stays {fresh},1 Sample Road\nNO,Example Perhaps {fresh},2 Sample Road\n")
    stack.json("import", str(file), *words, "2024")
    file.write_text(f"{HEADER}NO,Example Stays {fresh},1 Sample Road\nXX,Example Perhaps {fresh},2 Sample Road\n")

    report = stack.json("import", str(file), *words, "2025", code=1)

    assert (report["sites_gone"], report["kept_because_of_errors"]) == (0, 1)


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(
    stack: LiveStack, member: Door, tmp_path: Path, fresh: str
) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"{HEADER}NO,Example {fresh},1 Sample Road\n")
    words = ("import", str(file), "--member", member.member, "--list", f"list-{fresh}")
    before = summary(stack)

    rehearsed = stack.json(*words, "--dry-run")

    assert summary(stack) == before
    assert "nothing was kept" in stack.engage(*words, "--dry-run")
    done = stack.json(*words)
    assert without_outcomes(done) == without_outcomes(rehearsed)
    assert "site" in done["outcomes"][0]
    assert "site" not in rehearsed["outcomes"][0]


def test_an_older_edition_than_the_one_in_force_is_refused(
    stack: LiveStack, member: Door, tmp_path: Path, fresh: str
) -> None:
    file = tmp_path / "list.csv"
    words = ("import", str(file), "--member", member.member, "--list", f"list-{fresh}", "--edition")
    file.write_text(f"{HEADER}NO,Example {fresh},1 Sample Road\n")
    stack.json(*words, "2025")
    file.write_text(f"{HEADER}NO,Example Old {fresh},1 Sample Road\n")

    told = stack.engage(*words, "2024", code=1)

    assert "newer edition" in told and "name another list" in told
    assert "2024-06-30" in stack.engage(*words, "spring", code=1)


def test_what_cannot_be_sent_at_all_is_told_before_anything_is_sent(
    stack: LiveStack, member: Door, tmp_path: Path
) -> None:
    good = tmp_path / "list.csv"
    good.write_text(f"{HEADER}NO,Example,1 Sample Road\n")

    folder = stack.engage("import", str(tmp_path), "--member", member.member, code=2)
    nothing = stack.engage("import", str(tmp_path / "nothing.csv"), "--member", member.member, code=2)
    stranger = stack.engage("import", str(good), "--member", "no-such-member", code=1)

    assert "is a directory" in folder
    assert "does not exist" in nothing
    assert "no-such-member.key" in stranger and "ENGAGE_MEMBER_KEY" in stranger


def test_a_file_of_events_is_published_in_each_of_its_three_forms(
    stack: LiveStack, member: Door, tmp_path: Path, fresh: str
) -> None:
    sent = [disclosure(f"Example {fresh}", number) for number in range(3)]
    one, array, lines = (tmp_path / name for name in ("one.json", "array.json", "lines.jsonl"))
    one.write_text(json.dumps(sent[0]))
    array.write_text(json.dumps(sent))
    lines.write_text("\n".join(json.dumps(event) for event in sent) + "\n")

    told = [stack.engage("publish", str(file), "--member", member.member) for file in (one, array, lines)]

    assert ["1 accepted" in told[0], "2 accepted, 1 duplicate" in told[1], "3 duplicate" in told[2]] == [True] * 3


def test_a_file_of_events_that_is_no_json_is_refused_with_its_line(
    stack: LiveStack, member: Door, tmp_path: Path
) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text('{"id": "1"}\n{"id": \n')

    assert "line 2" in stack.engage("publish", str(file), "--member", member.member, code=1)
