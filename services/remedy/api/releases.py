"""HTTP for case handlers: what members may learn of testimony, previewed and then released."""

import hashlib
import json
from typing import Annotated, Any
from uuid import UUID, uuid4

from asyncpg import Record
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.remedy import audit, casework, releasing
from services.remedy.api.callers import AtOffice, Body, Handler, acting, lock_assigned, refusals_answered
from services.remedy.api.rungs import LadderView, ladder_of
from services.remedy.api.writing import noted
from services.remedy.audit import Act, Action
from services.remedy.casework import Work, act
from services.remedy.domain import release
from services.remedy.domain.release import About, Asked, Incomplete, Statement
from services.remedy.office import Office
from services.remedy.store import contents
from services.remedy.vault import Part
from shared.events.remedy.words import RemedyForm
from shared.events.sealed import Place
from shared.events.values import Count, Paragraph, Quarter, Sha256
from shared.events.vocabulary import Category, Known
from shared.http import Fault, Problem
from shared.postgres import Connection, now

router = APIRouter()


class Telling(Body):
    """What a statement says. What is left out is taken from the testimony; `form` makes it one of a remedy."""

    motivation: Annotated[Paragraph, Field(description="Why: kept sealed in the case, and in the audit by its digest.")]
    supplier: UUID | None = None
    quarter: Quarter | None = None
    category: Known[Category] | None = None
    workers: Count | None = None
    form: Known[RemedyForm] | None = None
    company_contact: Annotated[bool, Field(description="Clear it: the company may be approached on it.")] = False

    @property
    def asked(self) -> Asked:
        return Asked(self.supplier, self.quarter, self.category, self.workers, self.form, self.company_contact)


class Releasing(Telling):
    """The same, with the digest of the preview: what was not seen is not released."""

    seen: Sha256


class Preview(BaseModel):
    """Exactly what would be published, apart from an id drawn at random; `seen` confirms it."""

    type: str
    says: dict[str, Any]
    seen: str


class AboutText(BaseModel):
    """What is sealed as `Part.ABOUT`, as far as a statement needs it."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    place: Place | None = None
    categories: tuple[Category, ...] = ()
    workers: Count | None = None


@router.post("/cases/{reference}/releases/preview")
async def preview(office: AtOffice, person: Handler, reference: str, body: Telling) -> Preview:
    """What would be published, and whether it may be: every guard is tried. The testimony is read for it: audited."""
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        statement = await written(office, tx, case, body.asked)
        dossier = await casework.read_dossier(tx, case["case_id"])
        release.release(dossier, office.terms.moment(await now(tx)), statement)
        await act(office, tx, case, Work(acting(person), Action.READ, casework.nothing, noted(body.motivation)))
    return shown(case, statement)


@router.post("/cases/{reference}/releases")
async def release_statement(office: AtOffice, person: Handler, reference: str, body: Releasing) -> LadderView:
    """Release what was previewed: it waits some days, then goes out in a daily batch, if consent still stands.

    With `company_contact` it is cleared as well, and goes out so if that still holds on its day.
    """
    unrecorded: list[Act] = []
    async with refusals_answered(), office.runtime.transaction() as tx:
        case = await lock_assigned(tx, person, reference)
        statement = await written(office, tx, case, body.asked)
        if shown(case, statement).seen != body.seen:
            raise Problem(
                409, "not_as_previewed", "This is not what the preview showed: look at it again, then release."
            )
        writings = *noted(body.motivation), releasing.writing_of(statement)
        work = Work(
            acting(person),
            Action.RELEASED,
            lambda dossier, moment: release.release(dossier, moment, statement),
            writings,
        )
        done = await act(office, tx, case, work, unrecorded)
        at, cleared = await now(tx), release.is_cleared(statement)
        waits = done.contents[1]
        today = office.terms.today(at)
        await releasing.queue(office, tx, case["case_id"], waits, today, at if cleared else None)
        if cleared:
            unrecorded.append(Act(Action.CONTACT_CLEARED, person.id, case["case_id"], (waits,)))
        await audit.record(tx, unrecorded)
        return await ladder_of(tx, case["case_id"])


async def written(office: Office, tx: Connection, case: Record, asked: Asked) -> Statement:
    """The statement from what is asked and what the testimony is about.

    Raises Problem 422 `statement_incomplete`, and 409 `already_released` where the case has told the same before: said
    twice, it would read as two sources.
    """
    about = await about_of(office, tx, case["case_id"])
    try:
        statement = release.write(uuid4(), asked, about, office.terms.today(case["received_at"]))
    except Incomplete as incomplete:
        faults = [
            Fault(pointer=f"/{name}", code="missing", remedy=f"The testimony names no single one: give the {name}.")
            for name in incomplete.fields
        ]
        raise Problem(422, "statement_incomplete", "A statement names one supplier and one category.", faults) from None
    if asked.contact and asked.form is not None:
        raise Problem(422, "contact_not_for_remedy", "What says that a remedy works asks for no contact: leave it out.")
    before = await releasing.opened(office, await releasing.sealed_statements(tx, case["case_id"]))
    if release.says(statement) in [release.says(one) for one in before]:
        raise Problem(
            409,
            "already_released",
            "This case has released exactly this before. Take that back first, or clear it while it waits.",
        )
    return statement


async def about_of(office: Office, tx: Connection, case: UUID) -> About:
    """What the testimony of a case is about; nothing where it does not say."""
    sealed = [one for _, one in await contents.read(tx, case, [Part.ABOUT])]
    if not sealed:
        return About()
    try:
        found = AboutText.model_validate_json((await office.vault.open(sealed[-1:]))[0])
    except ValidationError:
        return About()
    return About(found.place.supplier if found.place else None, found.categories, found.workers)


def shown(case: Record, statement: Statement) -> Preview:
    """A statement without its random id, and the digest that stands for exactly this, in this case."""
    says = statement.model_dump(mode="json", exclude={"statement"})
    canonical = json.dumps([str(case["case_id"]), statement.type, says], sort_keys=True)
    return Preview(type=statement.type, says=says, seen=hashlib.sha256(canonical.encode()).hexdigest())
