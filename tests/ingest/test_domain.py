"""Identity and editions: pure decisions."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.identity.keys import site_key, supplier_key
from services.ingest.domain.lists.cells import Entry
from services.ingest.domain.lists.editions import Listed, Place, Standing, first_stale, is_ordered, supersede
from services.ingest.domain.registry import Supplier
from shared.company_names import normalise_name, normalise_text
from shared.events.envelope import day_of
from shared.events.values import SiteFacts

SAME_COMPANY = [
    ("BYD Co Ltd", "BYD Company Limited"),
    ("AAC Acoustic Technologies Holdings\nIncorporated", "AAC Acoustic Technologies Holdings Inc."),
    ("Solvay S.A.", "SOLVAY SA"),
    ("Lumileds Holding B.V.", "Lumileds Holding BV"),
    ("Gruppo Dani S.P.A.", "Gruppo Dani SpA"),
    ("R.R. Donnelley & Sons Co.", "RR Donnelley and Sons Company"),
    ("Henkel AG & Company, KGaA", "Henkel Ag & Co."),
    ("Hon Hai Precision Industry Co., Ltd. (Foxconn)", "Hon Hai Precision Industry Company Limited (Foxconn)"),
    ("Jiangsu Kangrui New Material Technology Co.,Ltd.", "Jiangsu Kangrui New Material Technology Co., Limited"),
    ("Boyd Die Cut Co,. Ltd.", "Boyd Die Cut Co., Ltd."),
    ("Samsung SDI. Co., Ltd.", "Samsung SDI Co Ltd"),
    ("Stora Enso", "Stora Enso Oyj"),
    ("IBIDEN Co. Ltd.", "Ibiden Company Limited"),
    ("Sjøvik Elektronikk A/S", "SJOVIK ELEKTRONIKK AS"),
    ("Société Générale", "Societe Generale"),
    ("Ｅｘａｍｐｌｅ Electronics", "Example  Electronics□"),
    ("Straße GmbH", "STRASSE"),
]
OTHER_COMPANY = [
    ("Broadcom Limited", "Broadcomm Limited"),
    ("Cathay Tat Ming (HK) Company Limited", "Cathay Tat Ming Precision Metal Products Co., Ltd."),
    ("BYD Company Limited", "BYD Electronic (International) Company Limited"),
    ("Samsung Electronics Co., Ltd.", "Samsung Electro-Mechanics Co., Ltd."),
    ("Swiftronic Pte. Ltd.", "Swiftronic Holding Pte. Ltd."),
    ("China Circuit Technology Corp.", "China Circuit Technology (Shantou) Corp."),
    ("Suyin Corporation", "Suyin Electronic Corp."),
    ("Company Limited", "Corporation"),
    ("株式会社東芝", "株式会社日立"),
]


@pytest.mark.parametrize(("one", "other"), SAME_COMPANY)
def test_spellings_of_one_company_meet(one: str, other: str) -> None:
    assert supplier_key(one) == supplier_key(other)


@pytest.mark.parametrize(("one", "other"), OTHER_COMPANY)
def test_different_companies_do_not_meet(one: str, other: str) -> None:
    assert supplier_key(one) != supplier_key(other)


def test_a_site_is_known_again_by_name_address_and_country_whatever_their_spelling() -> None:
    key = site_key("Example Electronics Ltd", "No. 1, Rue de l'Été", "FR")

    assert key == site_key("EXAMPLE ELECTRONICS", "no 1 rue de l ete", "FR")
    assert key != site_key("EXAMPLE ELECTRONICS", "no 1 rue de l ete", "BE")
    assert key != site_key("EXAMPLE ELECTRONICS", "no 2 rue de l ete", "FR")
    assert site_key("a b", "c", "FR") != site_key("a", "b c", "FR")


@pytest.mark.parametrize("name", ["Ltd", "Co., Ltd.", "A/S", "???", "(Ltd)", "JosÃ© Electronics", "‰"])
def test_a_name_without_another_word_is_still_a_name(name: str) -> None:
    assert normalise_name(name)


@given(st.text(min_size=1) | st.lists(st.sampled_from(["Ex", "Co", "(", ")", "Ltd.", "S.A.", "&", "x"])).map(" ".join))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise_name(normalise_name(text)) == normalise_name(text)
    assert normalise_text(normalise_text(text)) == normalise_text(text)


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=["C"]), min_size=1))
def test_case_never_matters(text: str) -> None:
    assert normalise_name(text.upper()) == normalise_name(text.lower())


def test_what_is_known_of_a_supplier_stays_and_what_is_new_is_added() -> None:
    known = Supplier(uuid4(), b"k", "Example", None, {"lei": "A"})

    more = known.with_more(Supplier(uuid4(), b"k", "EXAMPLE", "NO", {"lei": "B", "duns": "C"}))

    assert more == Supplier(known.id, b"k", "Example", "NO", {"lei": "A", "duns": "C"})


def row(site: UUID, edition: str, content: bytes = b"facts", published: bool = True) -> Listed:
    entry = Entry(2, edition, "Example", "1 Road", "NO", SiteFacts())
    return Listed(entry, uuid4(), UUID(int=9), site, content, published)


ONE, TWO = UUID(int=1), UUID(int=2)


def test_a_newer_edition_keeps_adds_and_retires() -> None:
    standing: dict[Place, Standing] = {}
    supersede(standing, "2021", [row(ONE, "2021")], complete=True)
    first = standing[ONE, ""]

    change = supersede(standing, "2022", [row(TWO, "2022")], complete=True)

    assert [one.standing.site for one in change.accepted] == [TWO]
    assert change.gone == [first]
    assert set(standing) == {(TWO, "")}


def test_nothing_is_gone_while_a_row_of_the_edition_could_not_be_read() -> None:
    standing: dict[Place, Standing] = {}
    supersede(standing, "2021", [row(ONE, "2021")], complete=True)

    change = supersede(standing, "2022", [row(TWO, "2022")], complete=False)

    assert (change.gone, change.kept) == ([], 1)
    assert set(standing) == {(ONE, ""), (TWO, "")}


def test_the_same_facts_are_a_duplicate_and_other_facts_renew_the_same_disclosure() -> None:
    standing: dict[Place, Standing] = {}
    supersede(standing, "2021", [row(ONE, "2021")], complete=True)
    first = standing[ONE, ""].disclosure

    same = supersede(standing, "2022", [row(ONE, "2022"), row(ONE, "2022", b"other row")], complete=True)
    other = supersede(standing, "2023", [row(ONE, "2023", b"other facts")], complete=True)

    assert (len(same.duplicates), same.accepted) == (2, [])
    assert [one.standing.disclosure for one in other.accepted] == [first]
    assert not other.gone


def test_another_audience_ends_the_old_disclosure_and_begins_a_new_one() -> None:
    standing: dict[Place, Standing] = {}
    supersede(standing, "2021", [row(ONE, "2021", published=False)], complete=True)
    first = standing[ONE, ""]

    change = supersede(standing, "2022", [row(ONE, "2022", published=True)], complete=True)

    assert change.gone == [first]
    assert change.accepted[0].standing.disclosure != first.disclosure


@pytest.mark.parametrize(
    ("current", "seen", "stale"),
    [
        (None, {}, None),
        ("2021", {}, None),
        ("2022", {"2021": b"x"}, None),
        ("2022", {"2021": b"other"}, "2021"),
        ("2022", {}, "2021"),
        ("2021-06-30", {}, "2021"),
    ],
)
def test_an_older_edition_is_harmless_only_if_it_was_imported_just_so(
    current: str | None, seen: dict[str, bytes], stale: str | None
) -> None:
    assert first_stale(current, seen, {"2021": b"x"}) == stale


@pytest.mark.parametrize(
    ("edition", "ordered"),
    [
        ("2024", True),
        ("2024-06", True),
        ("2024-06-30", True),
        ("2024-02-29", True),
        ("24", False),
        ("spring", False),
        ("2024-13", False),
        ("2023-02-29", False),
        ("2026-02-30", False),
    ],
)
def test_editions_are_years_months_or_days(edition: str, ordered: bool) -> None:
    assert is_ordered(edition) is ordered


def test_of_a_moment_only_the_day_is_kept() -> None:
    assert day_of(datetime(2026, 1, 15, 23, 59, tzinfo=UTC)) == datetime(2026, 1, 15, tzinfo=UTC)
