"""The registry, as far as who asks may see it."""

from fastapi import APIRouter, Request

from services.ingest.api.access import only_operator
from services.ingest.store import members

router = APIRouter()


@router.get("/registry/summary")
async def summarise(request: Request) -> dict[str, int]:
    """How much the registry knows."""
    found = await members.summary(only_operator(request).pool)
    return {} if found is None else dict(found)
