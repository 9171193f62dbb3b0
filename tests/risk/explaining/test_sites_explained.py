"""A site is explained by what its sources say, and by what is not known; nothing accuses."""

from services.risk.domain.flags import flag_of
from shared.events.ingest import ReplyRecorded
from shared.events.lifecycles import FlagState
from shared.events.values import Clause, Evidence, SiteFacts
from shared.events.vocabulary import Category, ReplySpeaker, ReplyStance, Representation, SourceClass
from tests.risk.explaining.asking import (
    ACCUSING,
    BITLAND,
    GOODS,
    explained,
    flat,
    grades_of,
    loads_goods,
    loads_orders,
    text_of,
)
from tests.risk.given import (
    START,
    contract,
    disclosed,
    event,
    followed_up,
    joined,
    linked,
    named,
    registered,
    released,
    reported,
)
from tests.risk.world import World

FORCED = flag_of(named("site 1"), Category.FORCED_LABOUR)


async def test_each_category_says_by_which_row_of_which_list_it_stands(world: World) -> None:
    await loads_goods(world)
    await world.hears(disclosed())

    answer = await explained(world, named("site 1"))

    order = [one["category"] for one in answer["reasons"]["categories"]]
    assert order[:2] == ["child_labour", "forced_labour"] or order[:2] == ["forced_labour", "child_labour"]
    text = flat(text_of(answer))
    assert f"{GOODS} names Electronics from China as produced with forced labour" in text
    assert f"{GOODS}, edition 2022 (public domain): Electronics (Manufacturing), China:" in text
    assert "Discrimination: unknown; severity unknown; likelihood unknown" in text
    assert "What would change this" in text
    assert "Not known (unknown is not the same as no risk)" in text


async def test_without_any_list_everything_is_unknown_and_nothing_is_said_to_be_well(world: World) -> None:
    await world.hears(disclosed())

    answer = await explained(world, named("site 1"))

    assert {one["grades"]["finding"] for one in answer["reasons"]["categories"]} == {"unknown"}
    assert "goods by country: no list loaded" in text_of(answer)


async def test_the_explanation_has_the_grades_that_were_published(world: World) -> None:
    await loads_goods(world)
    await world.hears(disclosed(), reported(), released())

    answer = await explained(world, named("site 1"))

    rows = await world.schema.rows("SELECT * FROM grade WHERE site = $1 AND audience = ''", named("site 1"))
    assert len(rows) == 5
    for row in rows:
        parts = ("finding", "scale", "scope", "irremediability", "severity", "likelihood")
        assert {part: row[part] for part in parts} == grades_of(answer, row["category"])


async def test_a_flag_is_shown_with_its_state_its_evidence_and_the_reply_of_the_company(world: World) -> None:
    replied = ReplyRecorded(
        reply=named("reply"),
        report=named("report 1"),
        supplier=named("supplier 1"),
        speaker=ReplySpeaker.SUPPLIER,
        stance=ReplyStance.DISPUTES,
        said_on=START.date(),
        site=named("site 1"),
    )
    evidence = Evidence(uri="https://example.org/report", sha256="0" * 64, media_type="text/html")
    clause = Clause(conditions="Example contract conditions", edition="2.1", clause="4.2")
    await world.hears(
        disclosed(),
        reported(more={"evidence": (evidence,), "clause": clause}),
        event(replied, named("site 1"), 5),
        followed_up(FlagState.CONFIRMED, at=10),
    )

    answer = await explained(world, named("site 1"))

    text = flat(text_of(answer))
    assert "forced labour: confirmed; severity 4" in text
    assert "a public source, potential: Example Electronics: passports said to be kept" in text
    assert "clause: Example contract conditions, 2.1, 4.2" in text
    assert "evidence: https://example.org/report" in text
    assert f"Reply of the supplier, {START.date()}: disputes" in text
    assert answer["flags"][0]["steps"] == [{"from": "raised", "to": "confirmed", "basis": "an audit"}]


async def test_a_released_statement_is_shown_by_quarter_category_and_band_alone(world: World) -> None:
    await world.hears(disclosed(), released(at=86_400 * 40))

    answer = await explained(world, named("site 1"))

    assert answer["statements"] == [
        {
            "says": "a worker-side source, 2026-Q1, forced labour, 100-999 workers",
            "quarter": "2026-Q1",
            "category": "forced_labour",
            "workers": "100-999",
        }
    ]
    assert str(named("statement 1")) not in str(answer)
    assert "2026-04" not in str(answer)


async def test_who_speaks_for_workers_is_shown_with_whose_word_it_is(world: World) -> None:
    facts = SiteFacts(
        sector="Electronics", representation=Representation.INDEPENDENT, grievance_mechanisms=("Example hotline",)
    )
    await world.hears(disclosed(facts=facts))

    text = flat(text_of(await explained(world, named("site 1"))))

    assert "independent, by the supplier itself" in text
    assert "grievance mechanisms: Example hotline. Shown: the supplier's own word lowers nothing." in text


async def test_a_name_on_an_entity_list_is_a_pointer_that_asks_to_check(world: World) -> None:
    await loads_orders(world)
    await world.hears(registered(name=BITLAND), disclosed(supplier_name=BITLAND))

    text = flat(text_of(await explained(world, named("site 1"))))

    assert "A match by name: check that it is the same company." in text
    assert f"{BITLAND}, China, Electronics: WRO, effective 2020-09-08" in text


async def test_a_site_that_only_a_flag_names_is_explained_by_its_reports(world: World) -> None:
    await world.hears(reported())

    answer = await explained(world, named("site 1"))

    assert answer["subject"]["disclosures"] == 0
    assert grades_of(answer, "forced_labour")["severity"] == 4


async def test_a_member_sees_how_many_of_its_contracts_a_flag_touches_and_of_the_others_the_count_alone(
    world: World,
) -> None:
    await world.hears(
        joined("oslo"),
        joined("bergen"),
        disclosed(),
        contract("contract 1", reader="oslo"),
        contract("contract 2", reader="bergen"),
        linked(to="contract 1", reader="oslo"),
        reported(source=SourceClass.MEDIA),
    )

    mine = await explained(world, FORCED, reader="oslo")
    every = await explained(world, FORCED)

    assert mine["flags"][0]["own_contracts"] == 1
    assert mine["flags"][0]["touches"]["buyers"] == 2
    assert "own_contracts" not in every["flags"][0]
    for answer in (mine, every):
        assert str(named("contract 2")) not in str(answer)
        assert "bergen" not in str(answer)


async def test_nothing_that_is_printed_accuses(world: World) -> None:
    await loads_goods(world)
    await loads_orders(world)
    await world.hears(registered(name=BITLAND), disclosed(supplier_name=BITLAND), reported(), released())

    for subject in (named("site 1"), named("supplier 1"), FORCED, "Nobody Electronics", BITLAND):
        answer = await explained(world, subject, country="CN")
        assert not ACCUSING.search(text_of(answer, everything=True))
        assert not ACCUSING.search(str(answer))
