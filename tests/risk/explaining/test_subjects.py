"""A subject is found by its id or a name, and only where the reader may know of it."""

import json
from typing import Any
from uuid import UUID

import pytest

from services.risk.domain.flags import flag_of
from services.risk.domain.subjects import Known, SubjectKind, longest_word, meant
from services.risk.finding import Ambiguous, SubjectUnknown
from shared.events.values import Product
from shared.events.vocabulary import Category
from tests.risk.explaining.asking import BITLAND, explained, flat, loads_orders, text_of
from tests.risk.given import (
    contract,
    disclosed,
    joined,
    linked,
    merged,
    named,
    registered,
    released,
    reported,
    site_registered,
    taken_back,
)
from tests.risk.world import World

PLANT = ("Example Plant", "CN")


def known(kind: SubjectKind, name: str, country: str | None = None) -> Known:
    return Known(kind, named(name + str(country)), name, country)


SUPPLIERS = [known(SubjectKind.SUPPLIER, name) for name in ("Sample Display Group Co., Ltd.", "Sampler Works", "Acme")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SAMPLE DISPLAY GROUP COMPANY LIMITED", ["Sample Display Group Co., Ltd."]),
        ("Sample", ["Sample Display Group Co., Ltd."]),
        ("display group", ["Sample Display Group Co., Ltd."]),
        ("Sample Group", []),
        ("Sampl", []),
        ("", []),
    ],
)
def test_a_name_is_meant_where_it_is_the_whole_name_or_whole_words_of_it(text: str, expected: list[str]) -> None:
    assert [one.name for one in meant(SUPPLIERS, text, None)] == expected


def test_an_exact_name_outranks_words_and_a_supplier_its_sites() -> None:
    ones = [
        known(SubjectKind.SITE, "Acme"),
        known(SubjectKind.SUPPLIER, "Acme"),
        known(SubjectKind.SUPPLIER, "Acme Display"),
    ]

    assert [(one.kind, one.name) for one in meant(ones, "acme", None)] == [(SubjectKind.SUPPLIER, "Acme")]


def test_a_country_narrows_several_down_and_never_to_nothing() -> None:
    ones = [known(SubjectKind.SITE, "Plant", country) for country in ("CN", "MY")]

    assert [one.country for one in meant(ones, "Plant", "MY")] == ["MY"]
    assert len(meant(ones, "Plant", "NO")) == 2


def test_rows_are_looked_for_by_the_longest_word_in_plain_letters() -> None:
    assert longest_word("Ångström & Co., Ltd.") == "angstrom"
    assert longest_word("合肥") == ""


async def test_ids_of_every_kind_are_subjects(world: World) -> None:
    await world.hears(registered(), site_registered(), disclosed(), joined("oslo"), contract(), linked(), reported())
    flag = flag_of(named("site 1"), Category.FORCED_LABOUR)

    kinds = [
        (await explained(world, subject, reader="oslo"))["subject"]["kind"]
        for subject in (named("site 1"), named("supplier 1"), named("contract 1"), flag)
    ]

    assert kinds == ["site", "supplier", "contract", "flag"]


@pytest.mark.parametrize("name", ["Example Electronics", "EXAMPLE ELECTRONICS CO., LTD.", "electronics", "Example"])
async def test_a_supplier_is_found_by_its_name_or_by_whole_words_of_it(world: World, name: str) -> None:
    await world.hears(registered(), disclosed())

    answer = await explained(world, name)

    assert answer["subject"] == {
        "kind": "supplier",
        "id": str(named("supplier 1")),
        "name": "Example Electronics",
    }
    assert answer["sites"]["count"] == 1


async def test_a_site_is_found_by_its_name(world: World) -> None:
    await world.hears(registered(), disclosed())

    answer = await explained(world, "Example Plant")

    assert (answer["subject"]["kind"], answer["subject"]["id"]) == ("site", str(named("site 1")))


async def test_a_name_of_several_lists_them_and_a_country_chooses(world: World) -> None:
    await world.hears(
        registered(),
        disclosed("d1", site="site 1", country="CN"),
        disclosed("d2", site="site 2", country="MY"),
    )

    with pytest.raises(Ambiguous) as several:
        await explained(world, "Example Plant")

    assert {(one.id, one.country) for one in several.value.candidates} == {
        (named("site 1"), "CN"),
        (named("site 2"), "MY"),
    }
    chosen = await explained(world, "Example Plant", country="MY")
    assert chosen["subject"]["id"] == str(named("site 2"))


async def test_a_product_is_explained_by_the_sites_that_work_for_it(world: World) -> None:
    product = Product(manufacturer="Example Maker", model="Model 7")
    await world.hears(disclosed(product=product), disclosed("d2", site="site 2"))

    answer = await explained(world, "EXAMPLE MAKER  model 7")

    assert answer["subject"]["kind"] == "product"
    assert [one["id"] for one in answer["sites"]["ranked"]] == [str(named("site 1"))]


async def test_a_contract_is_explained_to_its_reader_by_its_reference_with_what_it_reaches(world: World) -> None:
    await world.hears(joined("oslo"), disclosed(), disclosed("d2", site="site 2"), contract(), linked(), reported())

    answer = await explained(world, "Contract 1", reader="oslo")

    assert answer["subject"]["reference"] == "contract 1"
    assert {one["id"] for one in answer["sites"]["ranked"]} == {str(named("site 1")), str(named("site 2"))}
    assert len(answer["flags"]) == 1
    assert grades_told(answer) == await told_of_contract(world)


async def test_a_contract_that_reaches_no_site_is_explained_by_its_supplier_as_was_published(world: World) -> None:
    await world.hears(joined("oslo"), registered(), contract(), released(), reported(site=None))

    answer = await explained(world, "contract 1", reader="oslo")

    assert "No disclosure that you may read names a site for this contract" in answer["note"]
    assert grades_told(answer) == await told_of_contract(world)
    assert grades_told(answer)["forced_labour"]["likelihood"] == 4


PARTS = ("finding", "scale", "scope", "irremediability", "severity", "likelihood")


def grades_told(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The grades of each category in an answer."""
    found = answer["reasons"]["categories"] if "reasons" in answer else answer["categories"]
    return {one["category"]: {part: one.get("grades", one).get(part) for part in PARTS} for one in found}


async def told_of_contract(world: World) -> dict[str, dict[str, Any]]:
    """The grades that were published of the one contract to its reader."""
    (row,) = await world.schema.rows("SELECT told FROM contract_assessment WHERE member = 'oslo'")
    categories = json.loads(row["told"])["categories"]
    return {category: {part: grades.get(part) for part in PARTS} for category, grades in categories.items()}


async def test_what_was_merged_is_explained_as_what_it_was_merged_into(world: World) -> None:
    await world.hears(
        registered(),
        site_registered(),
        site_registered("site 2"),
        disclosed(),
        disclosed("d2", site="site 2"),
        reported(),
        merged("site", "site 1", "site 2", at=10),
    )
    flags = [flag_of(named(site), Category.FORCED_LABOUR) for site in ("site 1", "site 2")]

    by_site = [await explained(world, named(site)) for site in ("site 1", "site 2")]
    by_flag = [await explained(world, flag) for flag in flags]

    assert by_site[0] == by_site[1]
    assert by_site[0]["subject"]["id"] == str(named("site 2"))
    assert by_flag[0] == by_flag[1]
    assert by_flag[0]["subject"]["id"] == str(flags[1])


async def test_of_several_countries_the_surest_match_of_a_name_is_shown(world: World) -> None:
    await loads_orders(world)
    for number, country in enumerate(("AE", "CN", "ZM")):
        await world.hears(disclosed(f"d{number}", site=country, country=country, supplier_name=BITLAND))

    answer = await explained(world, BITLAND)

    assert [(one["place"], one["confidence"]) for one in answer["names"]] == [("same", "high")]


async def test_a_supplier_without_sites_is_explained_by_what_is_said_of_it(world: World) -> None:
    await loads_orders(world)
    await world.hears(registered(name=BITLAND), released(), reported(site=None, more={"country": "CN"}))

    answer = await explained(world, named("supplier 1"))

    text = flat(text_of(answer))
    assert "a worker-side source, 2026-Q1, forced labour" in text
    assert len(answer["flags"]) == 1
    assert [one["entry"] for one in answer["names"]] == [BITLAND]


async def test_a_name_that_nobody_has_disclosed_is_compared_with_the_lists_and_said_to_be_so(world: World) -> None:
    await loads_orders(world)

    listed = await explained(world, "Hefei Bitland Information Technology", country="CN")
    unlisted = await explained(world, "Nobody Electronics")

    assert "No disclosure that you may read names it" in flat(text_of(listed))
    assert [(one["entry"], one["confidence"]) for one in listed["names"]] == [(BITLAND, "high")]
    assert f"{BITLAND}, China, Electronics: WRO, effective 2020-09-08" in flat(text_of(listed))
    assert unlisted["names"] == []
    assert "reasons" not in unlisted


PRIVATE = ("site 1", "supplier 1", "contract 1")


@pytest.mark.parametrize("subject", [*map(named, PRIVATE), named("never heard of")])
@pytest.mark.parametrize("reader", ["bergen", None])
async def test_what_another_member_alone_may_know_answers_as_what_does_not_exist(
    world: World, subject: UUID, reader: str | None
) -> None:
    await world.hears(
        registered(),
        site_registered(),
        joined("oslo"),
        joined("bergen"),
        disclosed(member="oslo"),
        contract(),
        linked(),
    )

    with pytest.raises(SubjectUnknown):
        await explained(world, subject, reader=reader)


@pytest.mark.parametrize("name", ["Example Electronics", "Example Plant", "contract 1", "Example Maker Model 7"])
async def test_the_name_of_what_another_member_alone_may_know_is_a_name_that_nobody_has_disclosed(
    world: World, name: str
) -> None:
    product = Product(manufacturer="Example Maker", model="Model 7")
    await world.hears(
        registered(),
        site_registered(),
        joined("oslo"),
        joined("bergen"),
        disclosed(member="oslo", product=product),
        contract(),
        linked(),
    )

    theirs = await explained(world, name, reader="bergen")
    own = await explained(world, name, reader="oslo")

    assert theirs["subject"] == {"kind": "name", "name": name}
    assert own["subject"]["kind"] != "name"


async def test_what_a_member_alone_may_know_is_in_its_explanation_and_in_no_other(world: World) -> None:
    await world.hears(
        registered(), joined("oslo"), disclosed("d1"), disclosed("d2", site="site 2", member="oslo", country="MY")
    )

    own = await explained(world, named("supplier 1"), reader="oslo")
    every = await explained(world, named("supplier 1"))

    assert own["sites"]["count"] == 2
    assert every["sites"]["count"] == 1
    assert str(named("site 2")) not in str(every)


async def test_a_site_known_by_reports_that_were_taken_back_and_by_another_alone_is_not_found_by_name(
    world: World,
) -> None:
    await world.hears(joined("oslo"), site_registered(), disclosed(member="oslo"), reported())
    before = await explained(world, "Example Plant", reader="bergen")

    await world.hears(taken_back(at=5))

    assert before["subject"]["kind"] == "site"
    assert (await explained(world, "Example Plant", reader="bergen"))["subject"]["kind"] == "name"
    assert (await explained(world, "Example Plant", reader="oslo"))["subject"]["kind"] == "site"


async def test_of_a_report_that_was_taken_back_only_that_is_told(world: World) -> None:
    await world.hears(registered(), disclosed(), reported(), reported("report 2", more={"headline": "Another"}))
    await world.hears(taken_back(at=5))

    answer = await explained(world, "Example Plant")

    assert [one["headline"] for one in answer["flags"][0]["reports"]] == ["Another"]
    assert answer["flags"][0]["taken_back"] == 1
    assert "1 report taken back" in flat(text_of(answer))


async def test_a_name_beyond_ascii_is_found_however_it_is_typed(world: World) -> None:
    await world.hears(registered(name="Ångström Elektronikk AS"), disclosed(supplier_name="Ångström Elektronikk AS"))

    assert (await explained(world, "angstrom elektronikk"))["subject"]["kind"] == "supplier"


async def test_sites_of_one_name_are_told_apart_by_their_address(world: World) -> None:
    await world.hears(registered(), site_registered(), disclosed())

    answer = await explained(world, named("supplier 1"))

    assert "1. Example Plant, 1 Example Road, China" in text_of(answer)
