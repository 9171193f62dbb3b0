"""The combined leverage on flags: what holds by the exposures kept, and what was last published."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from services.risk.domain.exposure import Leverage, Stake
from services.risk.store.exposure import CONCERNED
from shared.events.values import Money
from shared.events.vocabulary import Category
from shared.postgres import Connection


@dataclass(frozen=True, slots=True)
class Standing:
    """A flag with all counts that hold now (without sums), and what was last published of its leverage."""

    flag: UUID
    supplier: UUID
    site: UUID | None
    category: Category
    now: Leverage
    before: Leverage


STANDINGS = """WITH asked AS (
    SELECT flag, supplier, category FROM flag WHERE flag = ANY($1::uuid[]) AND is_open),
concerned AS ({CONCERNED}),
grouped AS (SELECT flag, array_agg(workinggroup ORDER BY workinggroup) AS workinggroups FROM concerned GROUP BY flag),
counted AS (
    SELECT flag, count(DISTINCT member) AS buyers, count(DISTINCT contract) AS contracts
    FROM exposure WHERE flag = ANY($1::uuid[]) GROUP BY flag)
SELECT f.flag, f.supplier, f.site, f.category, coalesce(c.buyers, 0) AS buyers, coalesce(c.contracts, 0) AS contracts,
       coalesce(g.workinggroups, '{}') AS workinggroups, coalesce(l.buyers, 0) AS told_buyers,
       l.contracts AS told_contracts, coalesce(l.workinggroups, '{}') AS told_workinggroups,
       coalesce(l.sums, '{}') AS told_sums
FROM flag f LEFT JOIN counted c USING (flag) LEFT JOIN grouped g USING (flag) LEFT JOIN leverage l USING (flag)
WHERE f.flag = ANY($1::uuid[]) ORDER BY f.flag""".replace("{CONCERNED}", CONCERNED)


async def read_standings(tx: Connection, flags: Collection[UUID]) -> list[Standing]:
    """These flags with what holds and what was published, in the order of their ids."""
    return [
        Standing(
            row["flag"],
            row["supplier"],
            row["site"],
            Category(row["category"]),
            Leverage(row["buyers"], row["contracts"], tuple(row["workinggroups"])),
            Leverage(
                row["told_buyers"], row["told_contracts"], tuple(row["told_workinggroups"]), sums_of(row["told_sums"])
            ),
        )
        for row in await tx.fetch(STANDINGS, list(flags))
    ]


def sums_of(kept: str) -> tuple[Money, ...]:
    """The sums as they are kept."""
    return tuple(Money(amount=amount, currency=currency) for currency, amount in sorted(orjson.loads(kept).items()))


STAKES = """WITH RECURSIVE valued AS (
    SELECT DISTINCT ON (e.flag, e.contract) e.flag, e.contract, c.owner, c.parent, c.amount, c.currency
    FROM exposure e JOIN contract c ON (c.contract, c.reader) = (e.contract, e.member)
    WHERE e.flag = ANY($1::uuid[]) AND c.amount IS NOT NULL
    ORDER BY e.flag, e.contract, c.owner = c.reader DESC, c.reader),
above (flag, contract) AS (
    SELECT flag, parent FROM valued WHERE parent IS NOT NULL
    UNION SELECT a.flag, c.parent FROM above a JOIN contract c USING (contract) WHERE c.parent IS NOT NULL)
SELECT v.flag, v.owner, v.currency, sum(v.amount) AS amount
FROM valued v WHERE NOT EXISTS (SELECT FROM above a WHERE (a.flag, a.contract) = (v.flag, v.contract))
GROUP BY v.flag, v.owner, v.currency"""


async def read_stakes(tx: Connection, flags: Collection[UUID]) -> dict[UUID, list[Stake]]:
    """What each owner has at stake in these flags, each contract once.

    A framework does not count beside a contract under it of which the value is known: the lowest level does.
    """
    found: dict[UUID, list[Stake]] = defaultdict(list)
    for row in await tx.fetch(STAKES, list(flags)):
        found[row["flag"]].append(Stake(row["owner"], row["currency"], row["amount"]))
    return found


async def write_leverage(tx: Connection, changed: Sequence[tuple[UUID, Leverage]]) -> None:
    """Keep what is published of the leverage on these flags; each once."""
    await tx.execute(
        """INSERT INTO leverage (flag, buyers, contracts, workinggroups, sums)
           SELECT flag, buyers, contracts, string_to_array(workinggroups, ' '), sums
           FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::jsonb[])
               AS u (flag, buyers, contracts, workinggroups, sums)
           ON CONFLICT (flag) DO UPDATE SET buyers = EXCLUDED.buyers, contracts = EXCLUDED.contracts,
               workinggroups = EXCLUDED.workinggroups, sums = EXCLUDED.sums""",
        [flag for flag, _ in changed],
        [leverage.buyers for _, leverage in changed],
        [leverage.contracts for _, leverage in changed],
        [" ".join(leverage.workinggroups) for _, leverage in changed],
        [orjson.dumps({one.currency: str(one.amount) for one in leverage.sums}).decode() for _, leverage in changed],
    )


async def delete_leverage(tx: Connection, flags: Collection[UUID]) -> None:
    """Keep nothing of flags that touch nobody's contract any more, and concern no group."""
    await tx.execute("DELETE FROM leverage WHERE flag = ANY($1::uuid[])", list(flags))
