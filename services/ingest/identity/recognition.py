"""Recognising new names: which entry of the registry each belongs to, and what is kept so that it is found again."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Generic
from uuid import UUID

from asyncpg import Record
from uuid_utils.compat import uuid7

from services.ingest.domain.identity.comparison import compare_sites, compare_suppliers, describe
from services.ingest.domain.identity.matching import (
    Fresh,
    Placed,
    Spelled,
    Thresholds,
    Token,
    identifier_tokens,
    nearest,
    place,
    place_all,
    tokens_of,
)
from services.ingest.domain.registry import Entry, Kind, Supplier
from services.ingest.store import decisions, spellings
from services.ingest.store.decisions import Decision, Question
from services.ingest.store.spellings import Spelling
from shared.events.ingest import SiteAliased, SupplierAliased
from shared.events.vocabulary import DecidedBy
from shared.postgres import Connection

COMPARE = {Kind.SUPPLIER: compare_suppliers, Kind.SITE: compare_sites}
RULES = DecidedBy.RULES


@dataclass(frozen=True, slots=True)
class Recognised(Generic[Entry]):
    """A new name, by what it is found, where it belongs, and the decision where that is an entry known before."""

    named: Entry
    tokens: frozenset[Token]
    placed: Placed
    decision: UUID | None

    @property
    def entry(self) -> UUID:
        """The entry that has the name from now on."""
        return self.named.id if self.placed.same is None else self.placed.same.entry


async def recognise(
    tx: Connection, kind: Kind, named: Sequence[Entry], thresholds: Thresholds
) -> list[Recognised[Entry]]:
    """Where each new name belongs, in order. The caller registers names alone (`registry.lock_names`)."""
    fresh = await asyncio.to_thread(freshly_described, named)
    near, known = await candidates(tx, kind, [one.tokens for one in fresh])
    fresh = [Fresh(one.spelled, one.tokens, found) for one, found in zip(fresh, near, strict=True)]
    placed = await asyncio.to_thread(place_all, fresh, known, COMPARE[kind], thresholds)
    return [
        Recognised(one, found.tokens, where, None if where.same is None else uuid7())
        for one, found, where in zip(named, fresh, placed, strict=True)
    ]


def freshly_described(named: Sequence[Entry]) -> list[Fresh]:
    """The new names, ready to be compared."""
    fresh = []
    for one in named:
        description = describe(one.name, one.address, one.country, one.identifiers, one.native_name)
        fresh.append(Fresh(Spelled(one.id, one.id, description), tokens_of(description, one.kind, one.identifiers)))
    return fresh


async def candidates(
    tx: Connection, kind: Kind, tokens: Sequence[frozenset[Token]]
) -> tuple[list[list[int]], dict[int, Spelled]]:
    """For each set of words the numbers of the known spellings that share most of them, and those spellings."""
    postings = await spellings.read_postings(tx, kind, sorted(set(chain.from_iterable(tokens))))
    near = await asyncio.to_thread(lambda: [nearest(found, postings) for found in tokens])
    wanted = sorted(set(chain.from_iterable(near)))
    rows = await spellings.read_spelled(tx, kind, wanted) if wanted else []
    return near, await asyncio.to_thread(lambda: {row["number"]: spelled_in(row) for row in rows})


def spelled_in(row: Record) -> Spelled:
    """The known spelling in a row, ready to be compared."""
    identifiers = json.loads(row["identifiers"])
    description = describe(row["name"], row["address"], row["country"], identifiers, row["native_name"])
    return Spelled(row["entry"], row["root"], description)


async def keep_names(tx: Connection, kind: Kind, found: Sequence[Recognised[Entry]]) -> None:
    """Keep names where they belong, so that they are found again, and what a person is to be asked of them.

    The entries that they make are registered before.
    """
    taken = [
        Decision(one.decision, kind, "alias", same.entry, None, RULES, same.likeness.reasons, same.likeness.score)
        for one in found
        if (same := one.placed.same) is not None and one.decision is not None
    ]
    if taken:
        await decisions.insert_decisions(tx, taken)
    kept = [
        Spelling(
            one.named.key,
            one.entry,
            one.named.name,
            one.named.address,
            one.named.country,
            one.named.native_name,
            one.decision,
        )
        for one in found
    ]
    await spellings.insert_spellings(tx, kind, kept)
    await spellings.insert_tokens(tx, kind, {one.named.key: one.tokens for one in found})
    questions = [
        Question(uuid7(), one.named.id, match.entry, match.likeness.score, match.likeness.reasons)
        for one in found
        for match in one.placed.doubtful
    ]
    if questions:
        await decisions.insert_questions(tx, kind, questions)


def aliased(one: Recognised[Entry]) -> SupplierAliased | SiteAliased | None:
    """What is told of a further name of a known entry; None for a name that makes an entry of its own."""
    if one.placed.same is None or one.decision is None:
        return None
    named, why = one.named, one.placed.same.likeness.reasons
    if isinstance(named, Supplier):
        return SupplierAliased(
            decision=one.decision, decided_by=RULES, reasons=why, supplier=one.entry, name=named.name
        )
    return SiteAliased(
        decision=one.decision,
        decided_by=RULES,
        reasons=why,
        site=one.entry,
        name=named.name,
        address=named.address,
        country=named.country,
    )


async def note_identifiers(tx: Connection, kind: Kind, entries: Sequence[Entry], thresholds: Thresholds) -> None:
    """Let entries be found by the ids that have become known of them; a person is asked where another one has the same.

    Two entries are never merged here: both have a history, which a person should see.
    """
    tokens = {one.key: identifier_tokens(one.identifiers) for one in entries}
    near, known = await candidates(tx, kind, [tokens[one.key] for one in entries])
    await spellings.insert_tokens(tx, kind, tokens)
    questions = []
    for one, numbers in zip(entries, near, strict=True):
        own = describe(one.name, one.address, one.country, one.identifiers)
        others = [known[number] for number in numbers if known[number].entry != one.id]
        found = place(Spelled(one.id, one.id, own), others, COMPARE[kind], thresholds)
        matches = found.doubtful if found.same is None else (found.same,)
        questions += [
            Question(uuid7(), one.id, match.entry, match.likeness.score, match.likeness.reasons) for match in matches
        ]
    if questions:
        await decisions.insert_questions(tx, kind, questions)
