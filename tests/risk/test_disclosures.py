"""Since when and until when a disclosure holds, and whose word it is."""

import pytest

from services.risk.disclosing import claim_of
from services.risk.domain.sites import Claim
from shared.events.ingest import DisclosureAccepted
from shared.events.values import SiteFacts, SupplyLink
from shared.events.vocabulary import MemberKind, Obtained, Representation, SourceClass
from tests.risk.given import (
    START,
    disclosed,
    retired,
)
from tests.risk.world import World


async def test_a_disclosure_holds_from_the_day_it_was_told_to_the_day_it_was_retired(world: World) -> None:
    day = 86_400
    await world.hears(disclosed(at=day), disclosed(at=3 * day), retired(at=5 * day))

    (row,) = await world.schema.rows("SELECT valid_from, valid_to, retired FROM disclosure")

    assert (row["valid_from"] - START.date()).days == 1
    assert (row["valid_to"] - START.date()).days == 5
    assert row["retired"]


async def test_a_disclosure_holds_as_its_source_says_where_it_does(world: World) -> None:
    """The last day that a source names is one on which the link still holds."""
    link = SupplyLink.model_validate({"valid_from": "2024-01-01", "valid_to": "2024-12-31"})

    await world.hears(disclosed(link=link), disclosed("disclosure 2", effective="2025-06-01", at=1))

    rows = await world.schema.rows("SELECT valid_from, valid_to FROM disclosure ORDER BY valid_from")
    assert [(str(row[0]), str(row[1])) for row in rows] == [("2024-01-01", "2025-01-01"), ("2025-06-01", "None")]


async def test_one_that_was_retired_and_came_back_holds_from_its_return(world: World) -> None:
    day = 86_400
    await world.hears(disclosed(), retired(at=2 * day), disclosed(at=6 * day))

    (row,) = await world.schema.rows("SELECT valid_from, valid_to FROM disclosure")

    assert (row["valid_from"] - START.date()).days == 6
    assert row["valid_to"] is None


@pytest.mark.parametrize(
    ("contributor", "obtained", "source"),
    [
        (MemberKind.PARTNER, None, SourceClass.MONITORING_PARTNER),
        (MemberKind.PARTNER, Obtained.SUPPLIER_STATEMENT, SourceClass.MONITORING_PARTNER),
        (MemberKind.BUYER, Obtained.MONITORING_PARTNER, SourceClass.MONITORING_PARTNER),
        (MemberKind.BUYER, Obtained.PUBLIC_LIST, SourceClass.PUBLIC),
        (MemberKind.BUYER, Obtained.SUPPLIER_STATEMENT, SourceClass.SUPPLIER),
        (MemberKind.BUYER, None, SourceClass.SUPPLIER),
    ],
)
def test_a_claim_of_representation_is_the_word_of_who_it_came_from(
    contributor: MemberKind, obtained: Obtained | None, source: SourceClass
) -> None:
    facts = SiteFacts(representation=Representation.INDEPENDENT)
    event = disclosed(contributor=contributor, link=SupplyLink(obtained=obtained), facts=facts)
    assert isinstance(event.data, DisclosureAccepted)

    assert claim_of(event.data) == Claim(source, Representation.INDEPENDENT)


def test_a_disclosure_that_says_nothing_of_representation_claims_nothing() -> None:
    event = disclosed()
    assert isinstance(event.data, DisclosureAccepted)

    assert claim_of(event.data) is None
