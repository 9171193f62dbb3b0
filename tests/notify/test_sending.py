"""No mail is lost and none is doubled without need, whatever a mail server does."""

import asyncio
from email import message_from_bytes
from pathlib import Path

from deploy.local.smtp import Sink
from services.notify import domain, store
from services.notify.outcomes import record
from services.notify.store import Attempt
from tests.notify.conftest import Notify
from tests.notify.events import heard, request
from tests.notify.mail_server import ACCEPT, HANG_UP, Post, serving, until

ANNA, BERIT = "anna@secretariat.example", "berit@secretariat.example"


async def message_ids(notify: Notify) -> set[str]:
    return {row["message_id"] for row in await notify.schema.rows("SELECT message_id FROM mail_intent")}


async def test_the_mail_server_has_exactly_one_mail_per_event_and_recipient(notify: Notify, tmp_path: Path) -> None:
    for address in (ANNA, BERIT):
        await notify.add_recipient(address)
    await notify.mail(*(heard(request()) for _ in range(30)))

    async with Sink(tmp_path) as sink, notify.sending(sink.port):
        await notify.wait_for_states(*["sent"] * 60)

    mails = [message_from_bytes(file.read_bytes()) for file in sink.mailbox.messages()]
    assert len(mails) == len({mail["Message-ID"] for mail in mails}) == 60
    assert {mail["Message-ID"] for mail in mails} == await message_ids(notify)
    assert sorted(mail["X-Envelope-To"] for mail in mails) == [ANNA] * 30 + [BERIT] * 30
    assert all(mail["X-Envelope-To"] == mail["To"] for mail in mails)


async def test_each_end_is_published_once_without_an_address(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(*(heard(request()) for _ in range(5)))

    async with serving(Post()) as port, notify.sending(port):
        await notify.wait_for_states(*["sent"] * 5)

    outcomes = await notify.outcomes()
    assert len(outcomes) == len({outcome["intent"] for outcome in outcomes}) == 5
    assert {outcome["topic"] for outcome in outcomes} == {"notify.outcome"}
    assert all(outcome["key"].startswith("lane-") and outcome["attempts"] == 1 for outcome in outcomes)
    assert {outcome["message_id"] for outcome in outcomes} == await message_ids(notify)
    assert "@secretariat" not in str(outcomes)


async def test_several_mails_share_a_few_connections(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(*(heard(request()) for _ in range(40)))
    post = Post()

    async with serving(post) as port, notify.sending(port, smtp_connections=2):
        await notify.wait_for_states(*["sent"] * 40)

    assert post.connections == 2


async def test_while_the_mail_server_is_away_all_wait_and_are_then_delivered_once(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(*(heard(request()) for _ in range(20)))
    async with serving(Post()) as free:
        port = free  # nobody listens there from now on
    post = Post()

    async with notify.sending(port) as sender:
        await until(lambda: sender.reach.failures >= 3)
        async with serving(post, port):
            await notify.wait_for_states(*["sent"] * 20)

    assert len(post.seen) == len(set(post.accepted)) == 20
    attempts = await notify.schema.rows("SELECT DISTINCT attempts FROM mail_intent")
    assert [row["attempts"] for row in attempts] == [1], "what never reached the server was no attempt"


async def test_a_deferred_mail_is_tried_again_under_the_same_message_id(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()))
    post = Post(at_dot={ANNA: ["450 4.2.0 Greylisted", "451 4.3.0 Disk full"]})

    async with serving(post) as port, notify.sending(port):
        await notify.wait_for_states("sent")

    assert len(post.seen) == 3
    assert len(set(post.seen)) == 1
    (row,) = await notify.schema.rows("SELECT attempts, reply FROM mail_intent")
    assert (row["attempts"], row["reply"]) == (3, 250)


async def test_a_refused_recipient_has_failed_and_the_others_go_on(notify: Notify) -> None:
    for address in (ANNA, BERIT):
        await notify.add_recipient(address)
    await notify.mail(*(heard(request()) for _ in range(10)))
    post = Post(at_recipient={ANNA: ["550 5.1.1 No such user"] * 10})

    async with serving(post) as port, notify.sending(port):
        await notify.wait_for_states(*["sent"] * 10, *["failed"] * 10)

    assert {recipient for recipient, _ in post.accepted} == {BERIT}
    failed = [outcome for outcome in await notify.outcomes() if "reason" in outcome]
    assert {outcome["reason"] for outcome in failed} == {"refused"}
    assert len(failed) == 10


async def test_a_mail_refused_at_the_dot_has_failed(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()), heard(request()))
    post = Post(at_dot={ANNA: ["552 5.3.4 Too large"]})

    async with serving(post) as port, notify.sending(port, smtp_connections=1):
        await notify.wait_for_states("failed", "sent")


async def test_one_mail_that_hangs_holds_up_no_other(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()))
    slow = Post(gate=asyncio.Event())

    async with serving(slow) as port, notify.sending(port, smtp_data_timeout=60):
        await until(lambda: slow.seen)
        held, slow.gate = slow.gate, None
        await notify.mail(*(heard(request()) for _ in range(10)))
        await until(lambda: len(slow.accepted) == 10)
        assert held is not None
        held.set()
        await notify.wait_for_states(*["sent"] * 11)


async def test_a_connection_cut_before_the_dot_means_try_again(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()))
    post = Post(at_recipient={ANNA: [HANG_UP, HANG_UP]})

    async with serving(post) as port, notify.sending(port):
        await notify.wait_for_states("sent")

    assert len(post.seen) == 1


async def test_a_connection_cut_after_the_dot_is_uncertain_and_sent_again_as_the_same_mail(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()))
    post = Post(at_dot={ANNA: [HANG_UP]})

    async with serving(post) as port, notify.sending(port, send_backoff=(0.3,)):
        await notify.wait_for_states("uncertain")
        await notify.wait_for_states("sent")

    assert len(post.seen) == 2
    assert len(set(post.seen)) == 1
    assert len(await notify.outcomes()) == 1


async def test_a_connection_that_the_server_closed_while_idle_costs_no_attempt(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()))
    post = Post(at_recipient={ANNA: [ACCEPT, "421 4.4.2 Idle for too long"]})

    async with serving(post) as port, notify.sending(port, smtp_connections=1, send_backoff=(3600,)):
        await notify.wait_for_states("sent")
        await notify.mail(heard(request()))
        await notify.wait_for_states("sent", "sent")


async def test_a_claim_whose_holder_died_between_dot_and_record_is_sent_again_as_the_same_mail(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()))
    async with notify.schema.pool.acquire() as tx:
        (dead,) = await store.claim(tx, 10, "engage.example")
        await tx.execute("UPDATE mail_intent SET claimed_at = clock_timestamp() - interval '1 hour'")
    post = Post()

    async with serving(post) as port, notify.sending(port):
        await notify.wait_for_states("sent")

    assert post.accepted == [(ANNA, dead.message_id)]


async def test_a_claim_that_is_renewed_does_not_lapse(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()))
    post = Post(gate=asyncio.Event())

    async with serving(post) as port, notify.sending(port, send_lease=0.3), notify.sending(port, send_lease=0.3):
        await until(lambda: post.seen)
        await asyncio.wait_for(asyncio.create_task(renewed(notify, times=6)), 10)
        assert post.gate is not None
        post.gate.set()
        await notify.wait_for_states("sent")

    assert len(post.seen) == 1


async def renewed(notify: Notify, times: int) -> None:
    """Return when the claim has been renewed so often."""
    found = set[object]()
    while len(found) <= times:
        found |= {row["claimed_at"] for row in await notify.schema.rows("SELECT claimed_at FROM mail_intent")}
        await asyncio.sleep(0.01)


async def test_a_zombie_s_late_failure_changes_nothing_and_its_late_success_counts(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()))
    runtime = notify.runtime()
    async with notify.schema.pool.acquire() as tx:
        (old,) = await store.claim(tx, 1, "engage.example")
        await store.lapse(tx, -1, [])
        (new,) = await store.claim(tx, 1, "engage.example")
    patience = notify.settings().patience

    def attempt(claim: store.Claim, answer: domain.Answer) -> Attempt:
        return Attempt(claim, answer, None, domain.fate(answer, claim.attempts, claim.age, patience))

    async def recorded(claim: store.Claim, answer: domain.Answer) -> int:
        async with runtime.transaction() as tx:
            return len(await record(runtime, tx, [attempt(claim, answer)]))

    assert await recorded(old, domain.Answer.REFUSED) == 0
    assert await recorded(old, domain.Answer.ACCEPTED) == 1
    assert await recorded(new, domain.Answer.ACCEPTED) == 0
    assert await notify.states() == ["sent"]
    assert len(await notify.outcomes()) == 1


async def test_two_senders_never_have_the_same_mail(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(*(heard(request()) for _ in range(200)))
    post = Post()

    async with serving(post) as port, notify.sending(port, send_batch=10), notify.sending(port, send_batch=10):
        await notify.wait_for_states(*["sent"] * 200)

    assert len(post.seen) == len(set(post.seen)) == 200


async def test_a_sender_that_stops_finishes_what_is_under_way_and_releases_the_rest(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(*(heard(request()) for _ in range(10)))
    post = Post(gate=asyncio.Event())

    async with serving(post) as port:
        async with notify.sending(port, smtp_connections=1):
            await until(lambda: post.seen)
            assert post.gate is not None
            asyncio.get_running_loop().call_later(0.2, post.gate.set)
        assert sorted(await notify.states()) == ["pending"] * 9 + ["sent"]
        async with notify.sending(port):
            await notify.wait_for_states(*["sent"] * 10)

    assert len(post.seen) == 10


async def test_a_mail_that_waited_too_long_has_failed_and_somebody_is_told(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()))
    await notify.schema.rows("UPDATE mail_intent SET created_at = clock_timestamp() - interval '73 hours'")
    post = Post(at_dot={ANNA: ["450 4.2.0 Later"]})

    async with serving(post) as port, notify.sending(port):
        await notify.wait_for_states("failed")

    (outcome,) = await notify.outcomes()
    assert outcome["reason"] == "expired"


async def test_mails_to_somebody_who_was_removed_are_cancelled(notify: Notify) -> None:
    anna = await notify.add_recipient(ANNA)
    await notify.mail(heard(request()))
    async with notify.schema.pool.acquire() as tx:
        await store.remove_recipient(tx, anna)
    post = Post()

    async with serving(post) as port, notify.sending(port):
        await notify.wait_for_states("cancelled")

    assert not post.seen
    (outcome,) = await notify.outcomes()
    assert outcome["reason"] == "no_recipient"


async def test_a_mail_that_cannot_be_written_harms_no_other(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    await notify.mail(heard(request()), heard(request()))
    broken = """{"reference": "=?", "kind": "other", "due": "2027-01-01"}"""
    await notify.schema.rows(
        "UPDATE mail_intent SET variables = $1::jsonb WHERE id = (SELECT min(id::text)::uuid FROM mail_intent)", broken
    )

    async with serving(Post()) as port, notify.sending(port):
        await notify.wait_for_states("failed", "sent")


async def test_a_commit_in_this_process_wakes_the_sender(notify: Notify) -> None:
    await notify.add_recipient(ANNA)
    post = Post()

    async with serving(post) as port, notify.sending(port, send_every=3600) as sender:
        for number in range(1, 6):
            await notify.mail(heard(request()))
            sender.runtime.relay.wake()
            await notify.wait_for_states(*["sent"] * number)


async def test_a_message_id_is_drawn_from_event_template_and_recipient(notify: Notify) -> None:
    anna = await notify.add_recipient(ANNA)
    event = heard(request())
    await notify.mail(event)
    post = Post()

    async with serving(post) as port, notify.sending(port, mail_domain="mail.engage.example"):
        await notify.wait_for_states("sent")

    said = domain.announcement(event)
    assert said is not None
    (intent,) = domain.intents([said], [anna])
    assert post.accepted == [(ANNA, f"<{intent.id}@mail.engage.example>")]
