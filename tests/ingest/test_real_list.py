"""The real list, ten years of it, where it is at hand."""

import time
from pathlib import Path

import pytest

from tests.ingest.conftest import Doors

APPLE = Path(__file__).parents[3] / "shared" / "data" / "suppliers" / "apple-supplier-list-2012-2022.csv"
SECONDS = 30.0
"""A generous limit for shared machines; two quiet cores need a few seconds."""

there = pytest.mark.skipif(not APPLE.exists(), reason="the real supplier list is not on this machine")


@there
async def test_ten_years_of_apples_list_go_in_within_seconds_and_again_without_effect(doors: Doors) -> None:
    started = time.monotonic()

    report = (await doors.import_csv(APPLE.read_bytes(), filename=APPLE.name)).json()

    seconds = time.monotonic() - started
    print(f"{report['rows']} rows in {seconds:.1f} s: {report}")
    assert seconds < SECONDS
    assert report["rows"] == 7558
    assert report["rejected"] == 16
    assert {(error["column"], error["code"]) for error in report["errors"]} == {("supplier_address", "value_missing")}
    assert report["suppliers_new"] == await doors.count("supplier")
    assert 400 < report["suppliers_new"] < 478  # firms that the compilers counted; the rules take few for others
    assert report["sites_known"] == 0
    assert [one["edition"] for one in report["editions"]] == [str(year) for year in range(2012, 2023) if year != 2019]
    events = await doors.count("outbox")
    again = (await doors.import_csv(APPLE.read_bytes(), filename=APPLE.name)).json()
    assert (again["accepted"], again["duplicate"], again["sites_gone"]) == (0, 7542, 0)
    assert await doors.count("outbox") == events
