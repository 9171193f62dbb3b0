"""HTTP for senders: the key to which testimony is sealed."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from services.remedy.api.callers import AtOffice
from services.remedy.trustee import current_key
from shared import sealing

router = APIRouter()


class TrusteeKey(BaseModel):
    """The key to which testimony is sealed, until `valid_to`. `key` is its id, which goes into the event."""

    key: str
    algorithm: str
    public_key: str
    valid_to: datetime


@router.get("/keys")
async def read_keys(office: AtOffice) -> TrusteeKey:
    """The trustee's current key. Seal on your own device: what is sent in plain is refused.

    503 while the database of keys is away: a key that cannot be opened later must not be given out.
    """
    row = await current_key(office)
    return TrusteeKey(
        key=row["key_id"], algorithm=sealing.ALGORITHM, public_key=row["public_key"], valid_to=row["valid_to"]
    )
