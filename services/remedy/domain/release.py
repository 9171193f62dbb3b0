"""What members may learn of testimony: a statement that a handler writes and releases with consent, coarsened here.

Supplier, quarter, category and a band of ten workers or more, said by "a worker-side source": nothing else has a field.
"""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from services.remedy.domain import clearance, ladder
from services.remedy.domain.life import NO_CONTACT, day_guards
from services.remedy.domain.refusals import require
from shared.events.engagement_words import CompanyContact
from shared.events.remedy.cases import CaseFact, EmployerContacted, RungTaken
from shared.events.remedy.released import RemedyVerified, StatementReleased, StatementReversed
from shared.events.remedy.words import CaseRefusal, CaseState, ItemState, Party, RemedyForm, Rung, RungStep
from shared.events.values import quarter_of
from shared.events.vocabulary import Category, WorkersBand

if TYPE_CHECKING:
    from services.remedy.domain.dossier import Dossier, Moment
    from services.remedy.domain.plan import Plan

Statement = StatementReleased | RemedyVerified

BANDS = (
    (10_000, WorkersBand.FROM_10000),
    (1_000, WorkersBand.FROM_1000),
    (100, WorkersBand.FROM_100),
    (10, WorkersBand.FROM_10),
)
"""The least number of workers of each band, the largest first."""
FOUND_EFFECTIVE = frozenset({ItemState.VERIFIED_EFFECTIVE, ItemState.CLOSED})


class Incomplete(Exception):
    """A statement needs more than testimony and handler have said; `fields` names what is missing."""

    def __init__(self, *fields: str) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class About:
    """What testimony is about, as far as a statement can tell it."""

    supplier: UUID | None = None
    categories: tuple[Category, ...] = ()
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the handler says; what is None is taken from the testimony. `form` makes it a statement of remedy.

    `contact` clears the statement for contact with the company; what says that a remedy works asks for none.
    """

    supplier: UUID | None = None
    quarter: str | None = None
    category: Category | None = None
    workers: int | None = None
    form: RemedyForm | None = None
    contact: bool = False


def tell(dossier: "Dossier", moment: "Moment", rung: Rung, on: date) -> list[CaseFact]:
    """The facts of a rung that was told on a day. Employer and brand are companies: who tells them has contacted the
    employer, or a company above it, so a safety assessment and a protection plan come before, and the watch for
    retaliation starts. Raises Refused with every guard that does not hold.
    """
    company = rung in (Rung.EMPLOYER, Rung.BRAND)
    require(
        *ladder.guards(dossier, rung),
        *day_guards(dossier, moment, on),
        (not company or dossier.life.state not in NO_CONTACT, CaseRefusal.NOT_FROM_THIS_STATE),
        (not company or dossier.life.safety is not None, CaseRefusal.SAFETY_NOT_ASSESSED),
        (not company or dossier.life.protection_planned, CaseRefusal.PROTECTION_PLAN_MISSING),
    )
    contact: list[CaseFact] = [EmployerContacted(case=dossier.case, on=on)] if company else []
    return contact + ladder.take(dossier, rung, RungStep.REACHED, on, Party.HANDLER)


def write(statement: UUID, asked: Asked, about: About, received_on: date) -> Statement:
    """The statement, coarsened: the quarter in which the testimony came, unless the handler names another; one
    category; a band in place of the number of workers. Raises Incomplete.
    """
    supplier = asked.supplier or about.supplier
    category = asked.category or (about.categories[0] if len(about.categories) == 1 else None)
    missing = [name for name, value in (("supplier", supplier), ("category", category)) if value is None]
    if supplier is None or category is None:
        raise Incomplete(*missing)
    quarter = asked.quarter or quarter_of(received_on)
    workers = band(about.workers if asked.workers is None else asked.workers)
    if asked.form is None:
        return StatementReleased(
            statement=statement,
            supplier=supplier,
            quarter=quarter,
            category=category,
            workers=workers,
            approach=contact_word(asked.contact),
        )
    return RemedyVerified(
        statement=statement,
        supplier=supplier,
        quarter=quarter,
        category=category,
        form=asked.form,
        workers=workers,
    )


def contact_word(cleared: bool) -> CompanyContact:
    """Whether the company may be approached, as a statement says it."""
    return CompanyContact.CLEARED if cleared else CompanyContact.NOT_CLEARED


def is_cleared(statement: Statement) -> bool:
    """Whether a statement says that the company may be approached on it."""
    return isinstance(statement, StatementReleased) and statement.approach is CompanyContact.CLEARED


def says(statement: Statement) -> tuple[str, dict[str, Any]]:
    """What a statement says: its type and fields, without its random id and whether the company may be approached."""
    return statement.type, statement.model_dump(exclude={"statement", "approach"})


def with_contact(statement: Statement, cleared: bool) -> Statement:
    """The statement as it is published: cleared for contact with the company, or not."""
    if isinstance(statement, RemedyVerified):
        return statement
    return statement.model_copy(update={"approach": contact_word(cleared)})


def release(dossier: "Dossier", moment: "Moment", statement: Statement) -> list[CaseFact]:
    """The facts of a release: the members' rung is reached on this day, where it was not.

    Raises Refused with every guard that does not hold.
    """
    form = statement.form if isinstance(statement, RemedyVerified) else None
    require(
        *(clearance.guards(dossier) if is_cleared(statement) else ()),
        *ladder.guards(dossier, Rung.MEMBERS),
        (dossier.life.taken_in, CaseRefusal.NOT_TAKEN_IN),
        (not dossier.life.erasing, CaseRefusal.ERASED),
        (dossier.life.state is not CaseState.SUSPENDED_FOR_SAFETY, CaseRefusal.NOT_FROM_THIS_STATE),
        (statement.workers in {word for _, word in BANDS}, CaseRefusal.TOO_FEW),
        (is_over(statement.quarter, moment.today), CaseRefusal.TOO_SOON),
        (form is None or dossier.plan.verified, CaseRefusal.ITEM_OPEN),
        (form is None or form in forms_found_effective(dossier.plan), CaseRefusal.ITEM_UNKNOWN),
    )
    if Rung.MEMBERS in dossier.ladder.reached:
        return []
    on, by = moment.today, Party.HANDLER
    return [RungTaken(case=dossier.case, rung=Rung.MEMBERS, step=RungStep.REACHED, on=on, by=by)]


def stands(dossier: "Dossier") -> bool:
    """Whether statements of this case may be told, or go on being told: not once consent has ended."""
    return ladder.Shown.STATEMENT in ladder.visible(dossier, Rung.MEMBERS)


def may_go_out(dossier: "Dossier") -> bool:
    """Whether a statement that waits may be published now: it may be told, and the case is not stopped for safety."""
    return stands(dossier) and dossier.life.state is not CaseState.SUSPENDED_FOR_SAFETY


def reversal(statement: Statement) -> StatementReversed:
    """What takes a published statement back."""
    return StatementReversed(statement=statement.statement, supplier=statement.supplier)


def forms_found_effective(plan: "Plan") -> frozenset[RemedyForm]:
    """The forms of remedy of a plan that were found effective."""
    return frozenset(item.form for item in plan.items.values() if item.state in FOUND_EFFECTIVE)


def band(workers: int | None) -> WorkersBand:
    """The band of a number of workers; one below ten is not told from an unknown one."""
    for least, word in BANDS:
        if workers is not None and workers >= least:
            return word
    return WorkersBand.BELOW_10_OR_UNKNOWN


def is_over(quarter: str, today: date) -> bool:
    """Whether a quarter lies wholly before a day."""
    return quarter < quarter_of(today)
