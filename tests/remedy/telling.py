"""Cases of which members may be told, for the tests of release."""

from datetime import date
from uuid import UUID, uuid4

from services.remedy.domain.dossier import Moment
from services.remedy.domain.release import About
from shared.events.remedy.cases import (
    CaseFact,
    CaseOpened,
    CaseTakenIn,
    ConsentGiven,
    RemedyItemMoved,
    RungTaken,
    WorkersConsulted,
)
from shared.events.remedy.words import (
    Bearer,
    EvidenceSource,
    FindingGrade,
    ItemState,
    Party,
    RemedyForm,
    Rung,
    RungStep,
    TestimonyKind,
)
from shared.events.vocabulary import Category
from tests.remedy.given import NOON, SETTINGS

SUPPLIER = UUID("0b7c1f8e-52d4-4f0a-9a51-6a1b2c3d4e5f")
DAY = date(2026, 11, 22)
MOMENT = Moment(NOON, DAY)
ABOUT = About(SUPPLIER, (Category.FORCED_LABOUR,), 240)
WHY = "The workers asked for it."
NO_WAIT = SETTINGS.model_copy(update={"release_delay": 0, "release_spread": 0, "batch_hour": 0})


def agreed(case: UUID, rung: Rung, given: bool = True) -> ConsentGiven:
    return ConsentGiven(case=case, rung=rung, given=given, by=Party.REPORTER)


def step(case: UUID, rung: Rung, step: RungStep = RungStep.REACHED) -> RungTaken:
    return RungTaken(case=case, rung=rung, step=step, on=DAY, by=Party.REPORTER)


def may_be_told(case: UUID) -> list[CaseFact]:
    """A case of which members may be told: taken in, told to workers, employer and brand, with consent for each."""
    told = [step(case, rung) for rung in (Rung.WORKERS, Rung.EMPLOYER, Rung.BRAND)]
    agrees = [agreed(case, rung) for rung in (Rung.EMPLOYER, Rung.BRAND, Rung.MEMBERS)]
    return [CaseOpened(case=case, kind=TestimonyKind.GRIEVANCE), CaseTakenIn(case=case), *agrees, *told]


def verified(case: UUID, form: RemedyForm = RemedyForm.COMPENSATION) -> list[CaseFact]:
    """A remedy that workers found effective."""
    return [
        WorkersConsulted(case=case, on=DAY, through=EvidenceSource.UNION),
        RemedyItemMoved(
            case=case,
            item=uuid4(),
            before=ItemState.VERIFYING,
            after=ItemState.VERIFIED_EFFECTIVE,
            form=form,
            grade=FindingGrade.PRIORITY,
            responsible=Bearer.SUPPLIER,
            cost_bearer=Bearer.SUPPLIER,
            verified_by=EvidenceSource.WORKERS,
        ),
    ]
