"""What is mailed at once, to whom, and what follows from a mail server's answer."""

from uuid import UUID, uuid4

import pytest

from services.notify import domain, rendering
from services.notify.domain import Answer, Fate, MailState, Patience
from services.notify.letters import RestrictedMatter, Template
from shared.events.lifecycles import DeliveryEnd
from shared.events.remedy.words import MailKind
from shared.events.vocabulary import SourceClass
from tests.notify.conftest import intents_of
from tests.notify.events import flag, further, heard, indicator, looked_up, proposed, request

PATIENCE = Patience(backoff=(60, 300, 1800), expires=259_200)
ANNA, BERIT = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("serious", "source", "at_once"),
    [
        (True, SourceClass.MEDIA, True),
        (True, SourceClass.PUBLIC, True),
        (True, SourceClass.AUDIT, False),  # members may know it, but it was not said in public
        (True, SourceClass.SUPPLIER, False),
        (True, SourceClass.UNION, False),  # never comes this way; should it, it is not mailed in the open
        (False, SourceClass.MEDIA, False),
    ],
)
def test_a_flag_is_mailed_at_once_where_it_is_serious_and_its_source_has_published_it(
    serious: bool, source: SourceClass, at_once: bool
) -> None:
    said = domain.announcement(heard(flag(serious=serious, source=source)))

    assert (said is not None) is at_once


@pytest.mark.parametrize(
    ("made_serious", "source", "at_once"),
    [
        (True, SourceClass.MEDIA, True),
        (True, SourceClass.PUBLIC, True),
        (True, SourceClass.AUDIT, False),
        (True, SourceClass.UNION, False),
        (False, SourceClass.MEDIA, False),  # it was mailed when it became serious
    ],
)
def test_a_flag_that_a_further_report_makes_serious_is_mailed_at_once_where_that_report_was_published(
    made_serious: bool, source: SourceClass, at_once: bool
) -> None:
    said = domain.announcement(heard(further(made_serious=made_serious, source=source)))

    assert (said is not None) is at_once


def test_the_mail_about_a_flag_made_serious_says_so_and_how_many_tell_of_it() -> None:
    opened, made = domain.serious_flag(flag()), domain.serious_flag(further())

    for part in rendering.render(made):
        assert "A further report has made a risk flag serious." in part
        assert "2 that tell of the same" in part
        assert f"engage risk flag {made.flag}" in part
    for part in rendering.render(opened):
        assert "A serious risk flag was opened." in part
        assert "that tell of the same" not in part


@pytest.mark.parametrize("kind", list(MailKind))
def test_every_kind_of_restricted_matter_has_a_template(kind: MailKind) -> None:
    said = domain.announcement(heard(request(kind)))

    assert said is not None
    assert said.template is domain.restricted_template(kind)
    assert set(RestrictedMatter.model_fields) == {"reference", "kind", "due"}


def test_what_is_looked_up_is_not_mailed() -> None:
    assert [domain.announcement(heard(data)) for data in looked_up()] == [None] * len(looked_up())


@pytest.mark.parametrize("data", [indicator(), proposed()])
def test_what_can_wait_is_not_mailed_at_once(data: object) -> None:
    assert domain.announcement(heard(data)) is None  # type: ignore[arg-type]  # each is an EventData


def test_an_event_gives_each_recipient_one_intent_and_the_same_ones_when_it_comes_again() -> None:
    event = heard(request())

    first, again = intents_of([event], [ANNA, BERIT]), intents_of([event, event], [BERIT, ANNA])

    assert len({intent.id for intent in first}) == 2
    assert {intent.id for intent in again} == {intent.id for intent in first}
    assert {intent.dedupe_key for intent in first} == {
        f"{event.id}|restricted_testimony_received|{recipient}" for recipient in (ANNA, BERIT)
    }


def test_two_events_are_two_mails() -> None:
    assert len({intent.id for intent in intents_of([heard(request()), heard(request())], [ANNA])}) == 2


def test_outcomes_go_to_sixteen_lanes() -> None:
    assert {domain.lane(uuid4()) for _ in range(2000)} == {f"lane-{n:02d}" for n in range(16)}


@pytest.mark.parametrize(
    ("answer", "attempts", "age", "fate"),
    [
        (Answer.ACCEPTED, 1, 0, Fate(MailState.SENT)),
        (Answer.ACCEPTED, 9, 999_999, Fate(MailState.SENT)),
        (Answer.REFUSED, 1, 0, Fate(MailState.FAILED, end=DeliveryEnd.REFUSED)),
        (Answer.DEFERRED, 1, 0, Fate(MailState.RETRY, 60)),
        (Answer.DEFERRED, 2, 0, Fate(MailState.RETRY, 300)),
        (Answer.DEFERRED, 7, 0, Fate(MailState.RETRY, 1800)),
        (Answer.DEFERRED, 7, 259_201, Fate(MailState.FAILED, end=DeliveryEnd.EXPIRED)),
        (Answer.UNKNOWN, 1, 0, Fate(MailState.UNCERTAIN, 60)),
        (Answer.UNKNOWN, 1, 259_201, Fate(MailState.FAILED, end=DeliveryEnd.EXPIRED)),
        (Answer.UNREACHABLE, 1, 0, Fate(MailState.PENDING, counts=False)),
        (Answer.UNREACHABLE, 1, 259_201, Fate(MailState.FAILED, end=DeliveryEnd.EXPIRED)),
        (Answer.NOT_TRIED, 1, 999_999, Fate(MailState.PENDING, counts=False)),
        (Answer.UNADDRESSED, 1, 0, Fate(MailState.CANCELLED, end=DeliveryEnd.NO_RECIPIENT, counts=False)),
        (Answer.UNWRITABLE, 1, 0, Fate(MailState.FAILED, end=DeliveryEnd.OTHER, counts=False)),
    ],
)
def test_what_follows_from_an_answer(answer: Answer, attempts: int, age: float, fate: Fate) -> None:
    assert domain.fate(answer, attempts, age, PATIENCE) == fate


@pytest.mark.parametrize(
    "address",
    ["anna@secretariat.example", "Anna.Berit+engage@mail.secretariat.example", "a_b-c@xn--bcher-kva.example"],
)
def test_a_plain_address_is_taken_in_lower_case(address: str) -> None:
    assert domain.checked_address(address) == address.lower()


HOSTILE_ADDRESSES = [
    "",
    "anna",
    "anna@localhost",
    "anna@secretariat.example\r\nBcc: x@evil.example",
    "anna@secretariat.example\n",
    "anna@secretariat.example\x00",
    "anna@secretariat.example\u2028",
    " anna@secretariat.example",
    "anna@secretariat.example, eve@evil.example",
    "anna@secretariat.example;eve@evil.example",
    "Anna <anna@secretariat.example>",
    "<anna@secretariat.example>",
    '"anna\r\nBcc: x"@secretariat.example',
    '"anna"@secretariat.example',
    "=?utf-8?q?a=0d=0aBcc:_x?=@secretariat.example",
    "anna(comment)@secretariat.example",
    "@evil.example:anna@secretariat.example",
    "anna%evil.example@secretariat.example",
    "anna@[127.0.0.1]",
    "anna@secretariat..example",
    "anna@-secretariat.example",
    "anna..b@secretariat.example",
    "änna@secretariat.example",
    "anna@secretariat.example\u202eevil",
    "ANNA@SECRETARIAT.EXAMPLE\u212a",
    f"{'a' * 65}@secretariat.example",
    f"a@{'b.' * 130}example",
]


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_anything_but_one_plain_address_is_refused_without_being_quoted(address: str) -> None:
    with pytest.raises(ValueError, match=r"^not a plain e-mail address$"):
        domain.checked_address(address)


def test_templates_and_letters_belong_together() -> None:
    assert {template.value for template in Template} >= {f"restricted_{kind.value}" for kind in MailKind}
