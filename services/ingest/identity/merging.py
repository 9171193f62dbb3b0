"""Deciding who is who: merging entries of the registry, taking them apart, and undoing either. An operator's business.

Every decision is kept, is told to all members, and can be undone; no id ever stops resolving.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

from asyncpg import Record
from uuid_utils.compat import uuid7

from services.ingest.domain.registry import Kind
from services.ingest.identity.deciding import PERSON, Taken, decide, tell
from services.ingest.identity.splitting import leave
from services.ingest.store import decisions, splits
from services.ingest.store.decisions import Decision
from shared.events.envelope import EventData
from shared.events.ingest import SiteMerged, SiteUnmerged, SupplierMerged, SupplierUnmerged
from shared.http import Problem
from shared.postgres import Connection
from shared.service import Runtime


async def merge(runtime: Runtime, entry: UUID, into: UUID, dry_run: bool = False) -> Taken:
    """Let an entry be known as another one from now on. Raises Problem 404, 409 or 422.

    The entry must still be known under its own id: what it was merged into earlier is merged, or unmerged, itself.
    """
    return await decide(runtime, lambda tx, at: join(tx, at, entry, into), dry_run)


async def split(runtime: Runtime, spelling: int, dry_run: bool = False) -> Taken:
    """Let a name leave its entry, with the disclosures that rest on it, to be an entry of its own.

    Raises Problem 404 for an unknown spelling, 409 for the name under which its entry was registered.
    """
    return await decide(runtime, lambda tx, at: leave(tx, at, spelling), dry_run)


async def answer(runtime: Runtime, question: UUID, same: bool) -> Taken:
    """Answer a question: the younger entry is merged into the older, or both are told apart for good.

    Raises Problem 404 for an unknown question, 409 for one that is answered.
    """

    async def step(tx: Connection, at: datetime) -> Taken:
        asked = await decisions.read_question(tx, question)
        if asked is None:
            raise Problem(404, "review_unknown", "No question has this id.")
        if asked["decision"] is not None:
            raise Problem(409, "review_answered", "This question was answered; undo that decision to ask it again.")
        taken = await (unite(tx, at, asked) if same else tell_apart(tx, asked))
        await decisions.answer_question(tx, question, taken.decision)
        return taken

    return await decide(runtime, step)


async def undo(runtime: Runtime, decision: UUID, dry_run: bool = False) -> Taken:
    """Undo a decision of the rules or of a person, however long ago; undoing an undoing is a decision like any other.

    What was decided of the same entries since stays. Raises Problem 404 or 409, with the reason where that contradicts.
    """

    async def step(tx: Connection, at: datetime) -> Taken:
        found = await decisions.read_decision(tx, decision)
        if found is None:
            raise Problem(404, "decision_unknown", "No decision has this id.")
        if found["undone_by"] is not None:
            raise Problem(409, "undone_already", "This decision was undone already.")
        taken = await UNDO[found["action"]](tx, at, found)
        await decisions.mark_undone(tx, decision, taken.decision)
        await decisions.mark_standing(tx, decision)
        await decisions.reopen_questions(tx, decision)
        return taken

    return await decide(runtime, step, dry_run)


async def unite(tx: Connection, at: datetime, asked: Record) -> Taken:
    """Merge the younger of two entries, as they are known now, into the older."""
    found = await decisions.read_entries(tx, (asked["entry"], asked["other"]))
    roots = await decisions.read_entries(tx, {row["root"] for row in found.values()})
    older, *younger = sorted(roots.values(), key=lambda row: (row["registered_at"], row["id"]))
    if not younger:
        raise Problem(409, "same_already", "Both are known as one already.")
    return await join(tx, at, younger[0]["id"], older["id"])


async def tell_apart(tx: Connection, asked: Record) -> Taken:
    """Keep that two entries are not one."""
    kind = Kind(asked["kind"])
    kept = Decision(uuid7(), kind, "different", asked["entry"], asked["other"], PERSON)
    await decisions.insert_decisions(tx, [kept])
    return Taken(kept.id, kept.action, kind, kept.entry, kept.other)


async def join(tx: Connection, at: datetime, entry: UUID, into: UUID, undoes: UUID | None = None) -> Taken:
    """Merge an entry that is known under its own id into another one."""
    found = await decisions.read_entries(tx, {entry, into})
    kind = check_pair(found, entry, into)
    if found[entry]["root"] != entry:
        raise known_as(found[entry])
    kept = Decision(uuid7(), kind, "merge", entry, into, PERSON, undoes=undoes)
    await decisions.insert_decisions(tx, [kept])
    await decisions.join(tx, kind, entry, found[into]["root"])
    why = {"decision": kept.id, "decided_by": PERSON}
    told: EventData
    if kind is Kind.SITE:
        told = SiteMerged(site=entry, into=into, **why)
    else:
        told = SupplierMerged(supplier=entry, into=into, **why)
    return Taken(kept.id, kept.action, kind, entry, into, await tell(tx, at, kind, told, entry, into))


def check_pair(found: Mapping[UUID, Record], entry: UUID, into: UUID) -> Kind:
    """What both entries are. Raises Problem where they are not two of one kind."""
    if missing := {entry, into} - found.keys():
        place = "/entry" if entry in missing else "/into"
        raise Problem(404, "entry_unknown", f"No supplier or site has the id given in {place[1:]}.")
    if found[entry]["kind"] != found[into]["kind"]:
        raise Problem(422, "kinds_differ", "A supplier is never a site; give two of one kind.")
    if found[entry]["root"] == found[into]["root"]:
        raise Problem(409, "same_already", "Both are known as one already.")
    return Kind(found[entry]["kind"])


def known_as(row: Record) -> Problem:
    return Problem(
        409, "known_as_another", f"{row['id']} is known as {row['root']} now: merge that one, or undo that merge first."
    )


async def take_back_merge(tx: Connection, at: datetime, found: Record) -> Taken:
    """Let an entry stand for itself again, with what was merged into it."""
    kind, entry, into = Kind(found["kind"]), found["entry"], found["other"]
    kept = Decision(uuid7(), kind, "unmerge", entry, into, PERSON, undoes=found["id"])
    await decisions.insert_decisions(tx, [kept])
    await decisions.mark_undone(tx, found["id"], kept.id)
    await decisions.release(tx, kind, entry)
    why = {"decision": kept.id, "decided_by": PERSON}
    told: EventData
    if kind is Kind.SITE:
        told = SiteUnmerged(site=entry, was_into=into, **why)
    else:
        told = SupplierUnmerged(supplier=entry, was_into=into, **why)
    return Taken(kept.id, kept.action, kind, entry, into, await tell(tx, at, kind, told, entry, into))


async def merge_again(tx: Connection, at: datetime, found: Record) -> Taken:
    """Take back an undone merge."""
    return await join(tx, at, found["entry"], found["other"], found["id"])


async def join_again(tx: Connection, at: datetime, found: Record) -> Taken:
    """Take back a split: what left is merged into what it left."""
    return await join(tx, at, found["other"], found["entry"], found["id"])


async def take_name_back(tx: Connection, at: datetime, found: Record) -> Taken:
    """Take a further name away from the entry that the rules gave it to."""
    spelling = await splits.find_spelling(tx, found["entry"], found["id"])
    if spelling is None:
        raise Problem(409, "name_moved", "A later decision gave this name to another entry: undo that one first.")
    return await leave(tx, at, spelling, found["id"])


async def ask_again(tx: Connection, _at: datetime, found: Record) -> Taken:
    """Take back that two entries are not one: the question is open again."""
    kept = Decision(uuid7(), Kind(found["kind"]), "asked", found["entry"], found["other"], PERSON, undoes=found["id"])
    await decisions.insert_decisions(tx, [kept])
    return Taken(kept.id, kept.action, kept.kind, kept.entry, kept.other)


async def answer_instead(_tx: Connection, _at: datetime, _found: Record) -> Taken:
    raise Problem(409, "review_open", "Nothing was decided here: answer the question instead.")


UNDO: Mapping[str, Callable[[Connection, datetime, Record], Awaitable[Taken]]] = {
    "merge": take_back_merge,
    "unmerge": merge_again,
    "split": join_again,
    "alias": take_name_back,
    "different": ask_again,
    "asked": answer_instead,
}
