"""Members' annual accounts of due diligence, for those that the Transparency Act binds (section 5).

The account of a year is due on 30 June of the year after; the first of a member is that of the year in which it became
known as bound. Each further one is made when the day of the one before is over.
"""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.remedy.domain.engagement.calendar import account_due, first_account
from services.remedy.domain.engagement.obligations import DueTerms, Obligation, Owed
from services.remedy.store.engagement import follow_up, obligations
from services.remedy.store.engagement.follow_up import Account
from shared.events.engagement_words import ObligationKind
from shared.events.ingest import AccountRecorded, FollowUpEntry
from shared.events.ingest.conditions import account_of
from shared.postgres import Connection

BASIS = "Transparency Act section 5: by 30 June of the year after"
AT_ONCE = 500
Accounts = MutableMapping[tuple[str, int], Account]


@dataclass(frozen=True, slots=True)
class Binding:
    """Whether the Transparency Act binds a member, as was told at a moment; one that left is no longer bound."""

    member: str
    bound: bool
    at: datetime


async def bind(tx: Connection, changes: Sequence[Binding], terms: DueTerms) -> None:
    """Let accounts be due of members that are bound now, and of those that no longer are none that are still to come.

    Changes are given in the order in which they were told; what changes nothing may be among them.
    """
    members = {one.member for one in changes}
    if not members:
        return
    await obligations.lock_accounts(tx, members)
    accounts = await follow_up.read_accounts(tx, members)
    before, owed = dict(accounts), Owed()
    for one in changes:
        today = one.at.astimezone(terms.zone).date()
        if one.bound:
            owe(accounts, owed, one.member, first_account(today), today)
        else:
            release(accounts, owed, one.member, today, one.at)
    await write(tx, before, accounts, owed, terms)


def owe(accounts: Accounts, owed: Owed, member: str, year: int, today: date) -> None:
    """The accounts of a member are due, from that of this year on, unless an earlier one is still to come."""
    if any(one.owed and one.member == member and one.due >= today for one in accounts.values()):
        return
    key = member, year
    account = replace(accounts.get(key) or Account(member, year, account_due(year)), owed=True)
    accounts[key] = account
    owed.stands(obligation_of(account))


def release(accounts: Accounts, owed: Owed, member: str, today: date, at: datetime) -> None:
    """Of a member that is no longer bound nothing is due any more that is still to come."""
    for key, one in list(accounts.items()):
        if one.member == member and one.owed and one.due >= today:
            accounts[key] = replace(one, owed=False)
            owed.ended(account_of(member, one.year), ObligationKind.ANNUAL_ACCOUNT, at)


def settle_account(
    accounts: Accounts, owed: Owed, member: str, year: int, said: Sequence[tuple[datetime, FollowUpEntry]]
) -> None:
    """The account of a year is as the entries about it say, in their order; without any it is still to be published."""
    told = [(at, one) for at, one in said if isinstance(one, AccountRecorded)]
    account = accounts.get((member, year)) or Account(member, year, account_due(year))
    last = told[-1][1] if told else None
    account = replace(
        account,
        published_on=last.published_on if last else None,
        evidence=last.evidence if last else None,
        recorded_at=min(at for at, _ in told) if told else None,
    )
    accounts[member, year] = account
    if account.owed:
        owed.stands(obligation_of(account))
    elif account.recorded_at is not None:
        owed.ended(account_of(member, year), ObligationKind.ANNUAL_ACCOUNT, account.recorded_at)


async def roll(tx: Connection, today: date, terms: DueTerms) -> int:
    """Make the next account of members that are still bound and whose last one was due before a day; how many."""
    members = await follow_up.read_bound_to_roll(tx, today, AT_ONCE)
    if not members:
        return 0
    await obligations.lock_accounts(tx, members)
    accounts = await follow_up.read_accounts(tx, members)
    before, owed = dict(accounts), Owed()
    for member in members:
        last = max(one.year for one in accounts.values() if one.member == member and one.owed)
        owe(accounts, owed, member, last + 1, today)  # nothing where another process was first
    await write(tx, before, accounts, owed, terms)
    return len(members)


async def write(tx: Connection, before: Accounts, accounts: Accounts, owed: Owed, terms: DueTerms) -> None:
    """Keep the accounts that changed, and what is due of them."""
    changed = {key: account for key, account in accounts.items() if before.get(key) != account}
    if changed:
        await follow_up.write_accounts(tx, changed)
    await obligations.write(tx, owed, terms)


def obligation_of(account: Account) -> Obligation:
    """What is due of a member for a year; it ended when it was told that the account was published."""
    about = account_of(account.member, account.year)
    return Obligation(
        about,
        ObligationKind.ANNUAL_ACCOUNT,
        about,
        account.due,
        BASIS,
        member=account.member,
        ended_at=account.recorded_at,
    )
