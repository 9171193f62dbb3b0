"""What lists of engagements say of each: an engagement as one row."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Record
from pydantic import BaseModel

from services.remedy.domain.terms import Terms


class Sum(BaseModel):
    """What the contracts are worth together in one currency, rounded so that no single one can be reckoned from it."""

    amount: str
    currency: str


class Leverage(BaseModel):
    """What `risk` last told all members: of the flag of the engagement that touches most buyers.

    Of fewer than three buyers neither `contracts` nor sums are told.
    """

    buyers: int
    contracts: int | None
    sums: list[Sum]


class NextDue(BaseModel):
    """What is due next of an engagement, and whether its day is over."""

    day: date
    kind: str | None
    about: UUID | None
    overdue: bool


class BoardRow(BaseModel):
    """An engagement as the board shows it. `days` are those at its milestone, `age` those since it was opened.

    Of a proposal the age counts from the proposal. `opened_by` is left out where that member has left.
    `without_rightsholders`: it is open, and no rightsholder was consulted. `held`: it is open, but a statement it rests
    on is no longer told, so that the company is not approached any more. `group_closed`: its working group has ended.
    """

    engagement: UUID
    workinggroup: str
    group_name: str
    group_closed: bool
    supplier: UUID
    supplier_name: str | None
    country: str | None
    category: str
    state: str
    held: bool
    objective: str | None
    why: str | None
    milestone: str | None
    milestone_since: date | None
    days: int | None
    age: int | None
    next_due: NextDue | None
    overdue: int
    opened_by: str | None
    leads: list[str]
    open_asks: int
    consultations: int
    without_rightsholders: bool
    escalation: str | None
    escalation_proposed: str | None
    leverage: Leverage | None
    outcome: str | None
    moved_at: datetime


def row_of(row: Record, terms: Terms, at: datetime) -> BoardRow:
    """A row of the board on the day that it is at `at`."""
    today = terms.today(at)
    began = row["opened_at"] or row["proposed_at"]
    ended = terms.today(row["closed_at"]) if row["closed_at"] else today
    since = row["milestone_since"]
    return BoardRow(
        **{name: row[name] for name in BoardRow.model_fields if name in row.keys() and name not in CONCLUDED},  # noqa: SIM118 - a Record iterates over values
        supplier=row["supplier_now"] or row["supplier"],
        group_name=row["group_name"] or row["workinggroup"],
        group_closed=bool(row["group_closed"]),
        opened_by=None if row["opener_left"] else row["opened_by"],
        days=None if since is None else max((ended - since).days, 0),
        age=None if began is None else max((ended - terms.today(began)).days, 0),
        next_due=next_due_of(row, today),
        without_rightsholders=row["state"] == "open" and not row["consultations"],
        leverage=leverage_of(row),
    )


CONCLUDED = frozenset(
    {
        "supplier",
        "group_name",
        "group_closed",
        "opened_by",
        "days",
        "age",
        "next_due",
        "without_rightsholders",
        "leverage",
    }
)
"""Fields that are not as they stand in a row."""


def next_due_of(row: Record, today: date) -> NextDue | None:
    """What is due next, if anything is."""
    day = row["next_due"]
    if day is None or row["closed_at"] is not None:
        return None
    return NextDue(day=day, kind=row["next_due_kind"], about=row["next_due_about"], overdue=day < today)


def leverage_of(row: Record) -> Leverage | None:
    """The leverage of a row that has columns of one; None where nothing was told."""
    if row["buyers"] is None:
        return None
    told: list[dict[str, Any]] = orjson.loads(row["values"] or "[]")
    sums = [Sum(amount=str(one["amount"]), currency=one["currency"]) for one in told]
    return Leverage(buyers=row["buyers"], contracts=row["contracts"], sums=sums)
