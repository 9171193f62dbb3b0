"""What a digest counts, and how it is grouped."""

from uuid import uuid4

from services.notify import digest
from services.notify.digest import EntryKind, Tally
from shared.events.lifecycles import IndicatorEnd
from shared.events.vocabulary import SourceClass
from tests.notify.events import (
    AT,
    SUPPLIER,
    disclosed,
    flag,
    further,
    heard,
    indicator,
    looked_up,
    opened,
    proposed,
    request,
    retired,
    withdrawn,
)

LISTED_IN_MALAYSIA = "goods made in Malaysia are listed for forced labour; sites there"


def test_every_event_that_is_not_mailed_at_once_is_counted_under_its_kind() -> None:
    told = [proposed(), opened(), flag(serious=False), indicator(), withdrawn(), disclosed(), retired()]

    kinds = [entry.kind for data in told if (entry := digest.entry(heard(data)))]

    assert kinds == [
        EntryKind.PROPOSED,
        EntryKind.OPENED,
        EntryKind.FLAGGED,
        EntryKind.RAISED,
        EntryKind.WITHDRAWN,
        EntryKind.ADDED,
        EntryKind.GONE,
    ]


def test_what_is_mailed_at_once_is_not_told_twice() -> None:
    assert digest.entry(heard(flag(serious=True, source=SourceClass.MEDIA))) is None
    assert digest.entry(heard(further())) is None
    assert digest.entry(heard(request())) is None


def test_a_further_report_is_in_the_digest_once_and_names_its_source() -> None:
    entry = digest.entry(heard(further(made_serious=False, source=SourceClass.AUDIT)))

    assert entry is not None
    assert (entry.kind, entry.heading) == (EntryKind.FLAGGED, "forced labour")
    assert entry.line == "Plant 1 (Example Electronics), severity 5 of 5, a further report, source: audit"


def test_what_is_looked_up_is_in_no_digest() -> None:
    assert [digest.entry(heard(data)) for data in looked_up()] == [None] * len(looked_up())


def test_a_serious_flag_of_an_audit_is_in_the_digest() -> None:
    entry = digest.entry(heard(flag(serious=True, source=SourceClass.AUDIT)))

    assert entry is not None
    assert entry.line == "Plant 1 (Example Electronics), severity 5 of 5, source: audit"


def test_indicators_are_grouped_by_category_and_country() -> None:
    entry = digest.entry(heard(indicator(country="MY")))

    assert entry is not None
    assert (entry.heading, entry.line) == (
        LISTED_IN_MALAYSIA,
        "Plant 1 (Example Electronics)",
    )


def test_a_disclosure_without_a_site_says_that_something_was_not_disclosed() -> None:
    data = disclosed().model_copy(update={"site": None})

    entry = digest.entry(heard(data))

    assert entry is not None
    assert entry.kind is EntryKind.NOT_DISCLOSED


def test_an_indicator_ends_with_its_reason() -> None:
    entry = digest.entry(heard(withdrawn(IndicatorEnd.LIST_CHANGED)))

    assert entry is not None
    assert entry.heading == "the list has changed"


def test_a_window_in_which_nothing_happened_has_no_digest() -> None:
    assert digest.compose(None, AT, []) is None


def test_twenty_are_named_and_the_rest_counted() -> None:
    names = tuple(f"Plant {n}" for n in range(30))

    made = digest.compose(
        None,
        AT,
        [Tally(EntryKind.RAISED, LISTED_IN_MALAYSIA, None, 64, names)],
    )

    assert made is not None
    assert (len(made.raised[0].names), made.raised[0].more, made.raised[0].total) == (20, 44, 64)


def test_the_largest_group_comes_first() -> None:
    tallies = [Tally(EntryKind.RAISED, heading, None, total, ()) for heading, total in (("a", 1), ("b", 9), ("c", 9))]

    made = digest.compose(None, AT, tallies)

    assert made is not None
    assert [group.heading for group in made.raised] == ["b", "c", "a"]


def test_sites_that_came_and_went_are_counted_by_supplier() -> None:
    tallies = [
        Tally(EntryKind.ADDED, "", "Example Electronics", 5, ()),
        Tally(EntryKind.GONE, "", "Example Electronics", 2, ()),
        Tally(EntryKind.NOT_DISCLOSED, "", "Example Circuits", 1, ()),
        Tally(EntryKind.GONE, "", None, 3, ()),
    ]

    made = digest.compose(None, AT, tallies)

    assert made is not None
    assert [(c.supplier, c.added, c.gone, c.not_disclosed) for c in made.suppliers] == [
        ("Example Electronics", 5, 2, 0),
        ("a supplier not yet named", 0, 3, 0),
        ("Example Circuits", 0, 0, 1),
    ]
    assert (made.added, made.gone, made.not_disclosed) == (5, 5, 1)


def test_twenty_suppliers_are_named_and_the_totals_are_of_all() -> None:
    tallies = [Tally(EntryKind.ADDED, "", f"Example {n:03d}", 1, ()) for n in range(200)]

    made = digest.compose(None, AT, tallies)

    assert made is not None
    assert (len(made.suppliers), made.further_suppliers, made.added) == (20, 180, 200)


def test_events_name_their_suppliers_for_those_that_give_only_an_id() -> None:
    assert digest.supplier_name(heard(disclosed())) == (SUPPLIER, "Example Electronics")
    assert digest.supplier_name(heard(retired(uuid4()))) is None
