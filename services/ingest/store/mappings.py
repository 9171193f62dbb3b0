"""SQL on the mappings of columns that members have used."""

import json
from collections.abc import Mapping, Sequence

from services.ingest.domain.lists.mapping import Places
from shared.postgres import Connection


async def read_mappings(connection: Connection, member: str, headers: Sequence[bytes]) -> dict[bytes, Places]:
    """What a member has mapped under these headers, by the header's digest."""
    rows = await connection.fetch(
        "SELECT header, places FROM column_mapping WHERE member = $1 AND header = ANY($2::bytea[])",
        member,
        list(headers),
    )
    return {row["header"]: json.loads(row["places"]) for row in rows}


async def keep_mapping(tx: Connection, member: str, header: bytes, places: Mapping[str, int]) -> None:
    """Remember what a member has mapped under a header, in place of what it mapped there before."""
    await tx.execute(
        """INSERT INTO column_mapping (member, header, places) VALUES ($1, $2, $3::jsonb)
           ON CONFLICT (member, header) DO UPDATE SET places = EXCLUDED.places""",
        member,
        header,
        json.dumps(dict(places)),
    )
