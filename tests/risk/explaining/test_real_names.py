"""BOE and BYD as a published list has them: what the lists in force say of their country and goods, and no more."""

import csv
from collections.abc import Iterator

import pytest

from shared.countries import resolve
from shared.events.envelope import Event
from shared.events.ingest import DisclosureAccepted
from tests.risk.explaining.asking import (
    ACCUSING,
    BITLAND,
    BITLAND_ROW,
    DEMO,
    GOODS,
    ORDERS,
    explained,
    flat,
    grades_of,
    loads_goods,
    loads_orders,
    text_of,
)
from tests.risk.given import disclosed, named
from tests.risk.world import World

LIST = DEMO / "apple-suppliers-2018.csv"


def disclosures() -> Iterator[Event]:
    """One disclosure for each row of the list, as one source told them to all members."""
    with LIST.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            name = row["supplier_name"]
            yield disclosed(
                f"row {number}",
                site=row["supplier_address"],
                supplier=name,
                country=resolve(row["country"]) or "",
                supplier_name=name,
                site_name=None,
                address=row["supplier_address"][:200],
            )


@pytest.mark.parametrize(
    ("asked", "name", "sites"),
    [
        ("BOE", "BOE Technology Group Company Limited", 1),
        ("BYD", "BYD Electronic (International) Company Limited", 2),
    ],
)
async def test_a_name_of_the_real_list_is_explained_by_country_and_good(
    world: World, asked: str, name: str, sites: int
) -> None:
    await loads_goods(world)
    await loads_orders(world)
    await world.hears_at_once(*disclosures())

    answer = await explained(world, asked)

    assert (answer["subject"]["name"], answer["sites"]["count"]) == (name, sites)
    assert answer["names"] == answer["flags"] == answer["statements"] == []
    assert {grades_of(answer, one)["finding"] for one in ("forced_labour", "child_labour")} == {"indicated"}
    assert {grades_of(answer, one)["finding"] for one in ("discrimination", "freedom_of_association")} == {"unknown"}
    text = flat(text_of(answer, everything=True))
    assert f"{GOODS} names Electronics from China as produced with forced labour" in text
    assert "decides" in text
    assert not ACCUSING.search(text)
    quoted = {fact["text"] for one in answer["categories"] for reason in one["reasons"] for fact in reason["facts"]}
    assert all(text.startswith("Electronics (Manufacturing), China") for text in quoted)


async def test_a_name_on_the_list_of_orders_is_explained_by_its_row(world: World) -> None:
    await loads_orders(world, BITLAND_ROW)

    answer = await explained(world, "Hefei Bitland Information Technology", country="CN")

    assert [(one["entry"], one["how"], one["place"], one["confidence"]) for one in answer["names"]] == [
        (BITLAND, "name", "same", "high")
    ]
    assert answer["names"][0]["fact"] == {
        "source": ORDERS,
        "edition": "2025-12-18",
        "licence": "public domain",
        "text": f"{BITLAND}, China, Electronics: WRO, effective 2020-09-08",
    }
    assert grades_of(answer, "forced_labour")["finding"] == "indicated"
    assert "No disclosure that you may read names it" in flat(text_of(answer))
    assert not ACCUSING.search(text_of(answer, everything=True))


async def test_every_name_of_the_real_list_can_be_asked_about(world: World) -> None:
    await loads_goods(world)
    events = list(disclosures())
    await world.hears_at_once(*events)
    names = sorted({event.data.supplier_name for event in events if isinstance(event.data, DisclosureAccepted)})

    for name in names[::40]:
        answer = await explained(world, name)
        assert answer["subject"]["id"] == str(named(name))
        assert not ACCUSING.search(text_of(answer))
