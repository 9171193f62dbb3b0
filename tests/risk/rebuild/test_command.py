"""`engage risk rebuild`, typed at the real servers."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.rebuilt import Rebuilt, document, remarks, verdict
from shared.comparing import Compared
from tests.risk.given import joined, registered, reported, site_registered
from tests.risk.rebuild.stage import Stage


async def engage(stage: Stage, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Type the command where no local stack is."""
    own = {"ENGAGE_POSTGRES_DSN": stage.postgres.dsn, "ENGAGE_KAFKA_BOOTSTRAP": stage.bootstrap}
    environment = {**os.environ, **own, "ENGAGE_STATE": str(folder), "COLUMNS": "200"}
    command = [sys.executable, "-m", "services", "risk", "rebuild", *words]
    return await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=False
    )


async def test_equal_is_said_with_the_rows_of_each_table_and_exit_code_0(stage: Stage, tmp_path: Path) -> None:
    await stage.publish(registered(), site_registered(), reported(), joined("oslo"))
    await stage.apply()

    done = await engage(stage, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1].startswith("Equal: ")
    assert ["report", "1", "1", "0", "0"] in [line.split() for line in lines]
    assert "members.registry" in done.stdout


async def test_a_difference_is_said_by_table_key_and_column_with_exit_code_1(stage: Stage, tmp_path: Path) -> None:
    await stage.publish(registered(), site_registered(), reported())
    await stage.apply()
    (row,) = await stage.schema.rows("UPDATE flag SET state = 'closed' RETURNING flag")

    for_people, for_programs = await engage(stage, tmp_path), await engage(stage, tmp_path, "--json")

    assert (for_people.returncode, for_programs.returncode) == (1, 1)
    assert f"flag: flag {row['flag']}: differs in state" in for_people.stdout.splitlines()
    found = json.loads(for_programs.stdout)
    (table,) = (one for one in found["tables"] if one["differing"])
    assert (found["equal"], table["table"]) == (False, "flag")
    assert table["first"] == [{"key": {"flag": str(row["flag"])}, "found": "differs", "columns": ["state"]}]


async def test_without_a_database_the_way_to_name_one_is_told(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "ENGAGE_POSTGRES_DSN"}
    command = [sys.executable, "-m", "services", "risk", "rebuild"]

    done = subprocess.run(
        command, env={**environment, "ENGAGE_STATE": str(tmp_path)}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "ENGAGE_POSTGRES_DSN" in done.stderr
    assert "Traceback" not in done.stderr


FOUND = Rebuilt(
    tables=(Compared("flag", (2, 2), 0, 0),),
    events=12,
    passed_over=0,
    dead_letters=0,
    parked=0,
    clocks=0,
    behind=0,
    gone=(),
    lost=(),
    seconds=1.4,
    schema=None,
)


def test_nothing_is_remarked_where_there_is_nothing_to_remark() -> None:
    assert remarks(FOUND) == []
    assert verdict(FOUND) == "Equal: 2 rows in 1 tables; 12 events applied again in 1 s."
    assert document(FOUND)["equal"] is True


@pytest.mark.parametrize(
    ("field", "value", "word", "is_equal"),
    [
        ("dead_letters", 3, "3 dead letters", True),
        ("parked", 4, "4 events wait", True),
        ("passed_over", 5, "5 events were passed over", True),
        ("clocks", 1, "1 clocks", True),
        ("gone", ("oslo",), "1 members have left", True),
        ("behind", 6, "6 keys lack events", False),
        ("lost", ("oslo",), "1 members have no topics", False),
    ],
)
def test_whatever_stands_beside_the_tables_is_said(field: str, value: object, word: str, is_equal: bool) -> None:
    found = Rebuilt(**{name: getattr(FOUND, name) for name in FOUND.__slots__} | {field: value})

    assert any(word in line for line in remarks(found))
    assert found.is_equal is is_equal
