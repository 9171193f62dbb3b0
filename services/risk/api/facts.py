"""Lists of facts over HTTP, for the operator: load an edition, see which are in force, and how a file is written."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import Base64Bytes, BaseModel, Field, ValidationError

from services.risk.api.access import only_operator, runtime_of
from services.risk.domain.facts.editions import Change, EditionRefused, is_edition
from services.risk.domain.facts.fact import Fact
from services.risk.domain.facts.faults import MAXIMUM_FACTS, MAXIMUM_FILE, FactsInvalid
from services.risk.domain.facts.formats import FORMATS, Format, read_facts
from services.risk.loading import Loaded, Upload, load
from services.risk.store import facts
from services.risk.store.facts import Provenance
from shared.events.values import Day, Label, Name
from shared.http import CLOSED, Fault, Problem
from shared.postgres import borrow
from shared.service import Runtime

SHOWN = 50
"""Changes of each sort that an answer tells in full; all are counted."""

router = APIRouter(prefix="/facts", dependencies=[Depends(only_operator)])


class TableWithRegister(BaseModel):
    """A table and the register of its series, both in base64: neither need be text that JSON can hold."""

    model_config = CLOSED

    table: Base64Bytes
    of_series: Base64Bytes = Field(alias="register")  # "register" itself is a name of pydantic's


@dataclass(frozen=True, slots=True)
class Asked:
    """What to do with a file, from the query."""

    of: Provenance
    dry_run: bool


def asked(
    form: Annotated[str, Query(alias="format", description="One of GET /facts/formats.")],
    source: Annotated[Name, Query(description="The publisher and its list.")],
    edition: Annotated[Label, Query(description="A year, month or day: 2022, 2022-09, 2022-09-28.")],
    licence: Annotated[Label | None, Query(description="Terms of the list.")] = None,
    retrieved: Annotated[Day | None, Query(description="The day on which it was fetched.")] = None,
    valid_from: Annotated[Day | None, Query(description="From when the edition holds, as its publisher says.")] = None,
    dry_run: Annotated[bool, Query(description="Say what would change; change nothing.")] = False,
) -> Asked:
    """The query of a load. Raises Problem 422 where the format or the edition is none."""
    if form not in FORMATS:
        raise Problem(422, "format_unknown", f"The format is one of {', '.join(FORMATS)}.")
    if not is_edition(edition):
        raise Problem(422, "edition_invalid", "Name the edition by year, month or day: 2022, 2022-09, 2022-09-28.")
    return Asked(Provenance(form, source, edition, licence, retrieved, valid_from), dry_run)


FILE: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
"""The body of a load, for the OpenAPI document: what is in the file is told by `format`."""
BOTH: dict[str, Any] = {"application/json": {"schema": TableWithRegister.model_json_schema()}}
"""The body of a load with a register. FastAPI reads a body that it knows the model of before any key is looked at."""


@router.post("", openapi_extra={"requestBody": {"required": True, "content": FILE}})
async def load_list(request: Request, asked: Annotated[Asked, Depends(asked)]) -> dict[str, Any]:
    """Put an edition of a list into force and assess again the sites that it touches.

    The body is the file, at most 32 MiB and 250,000 facts. All of it is taken, or nothing; the same edition again
    changes nothing. With `dry_run` the answer says what would change.
    """
    return await _load(runtime_of(request), asked, await request.body(), None)


@router.post("/with-register", openapi_extra={"requestBody": {"required": True, "content": BOTH}})
async def load_series(request: Request, asked: Annotated[Asked, Depends(asked)]) -> dict[str, Any]:
    """The same for a format that needs a register beside its table (`series`); both are sent in base64.

    Each has at most 32 MiB, and both together 64 MiB as they are sent.
    """
    both = await asyncio.to_thread(read_both, await request.body())
    return await _load(runtime_of(request), asked, both.table, both.of_series)


@router.get("")
async def editions(request: Request) -> dict[str, Any]:
    """The editions of lists that were loaded, and which are in force."""
    async with borrow(runtime_of(request).pool) as connection:
        return {"editions": [dict(row) for row in await facts.read_editions(connection)]}


@router.get("/formats")
async def formats() -> dict[str, Any]:
    """The formats in which lists are read: their columns, with an example of each."""
    return {"formats": [told_format(one) for one in FORMATS.values()], "maximum_facts": MAXIMUM_FACTS}


def read_both(body: bytes) -> TableWithRegister:
    """The table and the register of a body. Raises RequestValidationError, which quotes nothing of it."""
    try:
        return TableWithRegister.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([one | {"loc": ("body", *one["loc"])} for one in found]) from None


async def _load(runtime: Runtime, asked: Asked, body: bytes, register: bytes | None) -> dict[str, Any]:
    try:
        found = await asyncio.to_thread(read_facts, asked.of.format, body, register)
        return told(await load(runtime, Upload(asked.of, tuple(found)), dry_run=asked.dry_run), asked.dry_run)
    except FactsInvalid as error:
        if any(one.code == "too_large" for one in error.faults):
            raise Problem(413, "too_large", f"At most {MAXIMUM_FILE} bytes are taken at once.") from None
        faults = [Fault(pointer=one.place, code=one.code, remedy=one.remedy) for one in error.faults]
        raise Problem(422, "facts_invalid", "Nothing was loaded. Mend the file and send it again.", faults) from None
    except EditionRefused as error:
        raise Problem(409, error.code, error.remedy) from None


def told(loaded: Loaded, dry_run: bool) -> dict[str, Any]:
    """What a load did, or would do: the facts that came, went and changed, and what follows for sites and contracts."""
    new = [one for one in loaded.changes if not one.before]
    gone = [one for one in loaded.changes if not one.after]
    changed = [one for one in loaded.changes if one.before and one.after]
    of = loaded.upload.of
    return {
        "format": of.format,
        "source": of.source,
        "edition": of.edition,
        "facts": len(loaded.upload.facts),
        "new": loaded.is_new,
        "dry_run": dry_run,
        "facts_new": len(new),
        "facts_gone": len(gone),
        "facts_changed": len(changed),
        "changes": [told_change(one) for sort in (new, gone, changed) for one in sort[:SHOWN]],
        "not_used_by_the_model": loaded.unused,
        "nearly_the_same_as": list(loaded.alike),
        "sites_assessed": loaded.sites,
        "assessments_changed": loaded.assessments_changed,
        "contracts_changed": loaded.contracts_changed,
        "indicators_raised": loaded.indicators_raised,
        "indicators_withdrawn": loaded.indicators_withdrawn,
    }


def told_change(change: Change) -> dict[str, Any]:
    """One change: what is said of it before and after."""
    return {"before": _told_facts(change.before), "after": _told_facts(change.after)}


def _told_facts(said: Sequence[Fact]) -> list[dict[str, Any]]:
    return [{name: value for name, value in asdict(fact).items() if value is not None} for fact in said]


def told_format(one: Format) -> dict[str, Any]:
    """What a person needs to know of a format."""
    return {
        "format": one.name,
        "what": one.what,
        "note": one.note,
        "columns": one.columns,
        "optional": one.optional,
        "example": one.example,
        "register": one.register,
        "register_example": one.register_example,
    }
