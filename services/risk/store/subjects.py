"""What a reader may know of by an id or a name, and how what belongs to it stands.

Readable is what a disclosure to all members ('') or to the reader names, and what a flag or statement to all members is
about; `audiences` are those two. Every site and supplier is meant by any id of it.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from services.risk.domain.assessment.result import Grades
from services.risk.domain.model.rules import PART_NAMES
from services.risk.domain.standings import Standing
from services.risk.domain.subjects import Known, SubjectKind
from shared.events.lifecycles import Finding
from shared.events.vocabulary import Category
from shared.postgres import Connection

Row = dict[str, Any]

BEARS = """(octet_length({name}) <> length({name})
    OR ($2 <> '' AND strpos(translate(lower({name}), ' .,-/&()''', ''), $2) > 0))"""
"""Whether a name may hold a word; how letters beyond ASCII read in plain letters is not decided here."""
STANDS = """EXISTS (SELECT FROM flag f JOIN report r USING (flag)
    WHERE f.{kind} = s.root AND f.merged_into IS NULL AND NOT EXISTS (
        SELECT FROM withdrawal w WHERE w.what = r.report))"""
"""Whether a flag about a site or supplier holds a report that nobody took back: else its name is nobody's to read."""
NAMED = """WITH told_names AS MATERIALIZED (
    SELECT supplier_name AS name FROM disclosure WHERE audience = ANY($1::text[]) AND NOT retired GROUP BY 1
    UNION SELECT site_name FROM disclosure
          WHERE audience = ANY($1::text[]) AND NOT retired AND site_name IS NOT NULL GROUP BY 1),
bearing AS MATERIALIZED (SELECT name FROM told_names WHERE {TOLD}),
told AS (
    SELECT s.root AS site, coalesce(p.root, d.supplier) AS supplier, d.supplier_name, d.site_name, d.country
    FROM disclosure d LEFT JOIN site s ON s.site = d.site LEFT JOIN supplier p ON p.supplier = d.supplier
    WHERE d.audience = ANY($1::text[]) AND NOT d.retired
      AND (d.supplier_name IN (SELECT name FROM bearing) OR d.site_name IN (SELECT name FROM bearing))),
named AS (
    SELECT 'supplier' AS kind, supplier AS id, supplier_name AS name, NULL AS country, NULL AS firm, site FROM told
    UNION ALL SELECT 'site', site, site_name, country, supplier_name, site FROM told
              WHERE site_name IS NOT NULL AND site IS NOT NULL
    UNION ALL SELECT 'supplier', s.root, s.name, s.country, NULL, NULL FROM supplier s
              WHERE s.name IS NOT NULL AND {REGISTERED} AND (
                  {SUPPLIER_STANDS}
                  OR EXISTS (SELECT FROM disclosure d WHERE d.supplier = s.supplier
                             AND d.audience = ANY($1::text[]) AND NOT d.retired)
                  OR EXISTS (SELECT FROM statement t WHERE t.supplier = s.supplier)
                  OR EXISTS (SELECT FROM contract c WHERE c.supplier = s.supplier AND c.reader = ANY($1::text[])))
    UNION ALL SELECT 'site', s.root, s.name, s.country, NULL, s.root FROM site s
              WHERE s.name IS NOT NULL AND {REGISTERED} AND {SITE_STANDS})
SELECT kind, id, name, max(country) AS country, max(firm) AS firm, count(DISTINCT site) AS sites
FROM named GROUP BY kind, id, name ORDER BY kind, name, id""".format(  # noqa: S608 - constants
    TOLD=BEARS.format(name="name"),
    REGISTERED=BEARS.format(name="s.name"),
    SUPPLIER_STANDS=STANDS.format(kind="supplier"),
    SITE_STANDS=STANDS.format(kind="site"),
)


async def find_by_id(tx: Connection, one: UUID, audiences: Sequence[str]) -> Known | None:
    """The site, supplier, contract or flag of this id that the audiences may know of."""
    row = await tx.fetchrow(
        """WITH place AS (
               SELECT DISTINCT o.root, o.site FROM site s JOIN site o ON o.root = s.root WHERE s.site = $2),
           firm AS (
               SELECT o.root, o.supplier FROM supplier s JOIN supplier o ON o.root = s.root WHERE s.supplier = $2
               UNION SELECT $2, $2 WHERE NOT EXISTS (SELECT FROM supplier WHERE supplier = $2))
           SELECT 'site' AS kind, root AS id FROM place p WHERE EXISTS (
                   SELECT FROM disclosure d WHERE d.site = p.site AND d.audience = ANY($1::text[]) AND NOT d.retired)
               OR EXISTS (SELECT FROM flag f WHERE f.site = p.root AND f.merged_into IS NULL)
           UNION SELECT 'supplier', root FROM firm p WHERE EXISTS (
                   SELECT FROM disclosure d
                   WHERE d.supplier = p.supplier AND d.audience = ANY($1::text[]) AND NOT d.retired)
               OR EXISTS (SELECT FROM flag f WHERE f.supplier = p.root AND f.merged_into IS NULL)
               OR EXISTS (SELECT FROM statement t WHERE t.supplier = p.supplier)
               OR EXISTS (SELECT FROM contract c WHERE c.supplier = p.supplier AND c.reader = ANY($1::text[]))
           UNION SELECT 'contract', contract FROM contract WHERE contract = $2 AND reader = ANY($1::text[])
           UNION SELECT 'flag', flag FROM flag WHERE flag = $2 LIMIT 1""",
        audiences,
        one,
    )
    return Known(SubjectKind(row["kind"]), row["id"], "") if row else None


async def find_by_word(tx: Connection, word: str, audiences: Sequence[str]) -> list[Known]:
    """Suppliers and sites that the audiences may know of, of which a name may hold this word ('': one beyond ASCII)."""
    rows = await tx.fetch(NAMED, audiences, word)
    return [Known(SubjectKind(row[0]), *row[1:]) for row in rows]


async def find_contracts(tx: Connection, reference: str, audiences: Sequence[str]) -> list[Known]:
    """The contracts under this reference of which a member was told; whose they are is said with them."""
    rows = await tx.fetch(
        """SELECT contract, coalesce(title, reference), owner FROM contract
           WHERE reader = ANY($1::text[]) AND lower(reference) = lower($2) ORDER BY owner, contract""",
        audiences,
        reference,
    )
    return [Known(SubjectKind.CONTRACT, row[0], row[1], supplier_name=row[2]) for row in rows]


async def sites_of_supplier(tx: Connection, supplier: UUID, audiences: Sequence[str]) -> list[UUID]:
    """The sites (roots) that a supplier (a root) has by what the audiences may read, or that a flag of it is about."""
    rows = await tx.fetch(
        """SELECT s.root FROM supplier p JOIN disclosure d ON d.supplier = p.supplier JOIN site s ON s.site = d.site
           WHERE p.root = $2 AND d.audience = ANY($1::text[]) AND NOT d.retired
           UNION SELECT s.root FROM disclosure d JOIN site s ON s.site = d.site
                 WHERE d.supplier = $2 AND d.audience = ANY($1::text[]) AND NOT d.retired
           UNION SELECT f.site FROM flag f WHERE f.supplier = $2 AND f.site IS NOT NULL AND f.merged_into IS NULL
           ORDER BY root""",
        audiences,
        supplier,
    )
    return [row[0] for row in rows]


async def sites_of_product(tx: Connection, product: str, audiences: Sequence[str]) -> list[UUID]:
    """The sites (roots) that work for a product, given by its comparable name."""
    rows = await tx.fetch(
        """SELECT DISTINCT s.root FROM disclosure d JOIN site s ON s.site = d.site
           WHERE d.product = $2 AND d.audience = ANY($1::text[]) AND NOT d.retired ORDER BY s.root""",
        audiences,
        product,
    )
    return [row[0] for row in rows]


async def standings(tx: Connection, sites: Collection[UUID], audiences: Sequence[str]) -> list[Standing]:
    """How these sites (roots) stand by the assessment for the reader, else by that for all members."""
    rows = await tx.fetch(
        """SELECT DISTINCT ON (a.site) a.site, a.audience, a.site_name, coalesce(p.root, a.supplier) AS supplier,
                  a.supplier_name, a.country, s.address, a.gaps
           FROM assessment a LEFT JOIN supplier p ON p.supplier = a.supplier LEFT JOIN site s ON s.site = a.site
           WHERE a.site = ANY($1::uuid[]) AND a.audience = ANY($2::text[]) ORDER BY a.site, a.audience DESC""",
        list(sites),
        audiences,
    )
    grades = await tx.fetch(
        """SELECT g.* FROM unnest($1::uuid[], $2::text[]) AS u (site, audience) JOIN grade g USING (site, audience)
           ORDER BY g.site, g.category""",
        [row["site"] for row in rows],
        [row["audience"] for row in rows],
    )
    of_site: dict[UUID, dict[Category, Grades]] = {}
    for row in grades:
        parts = (row[part] for part in PART_NAMES)
        of_site.setdefault(row["site"], {})[Category(row["category"])] = Grades(Finding(row["finding"]), *parts)
    return [
        Standing(
            row["site"],
            row["site_name"],
            row["supplier"],
            row["supplier_name"],
            row["country"],
            row["address"],
            tuple(row["gaps"]),
            of_site.get(row["site"], {}),
        )
        for row in rows
    ]


async def address_of(tx: Connection, site: UUID) -> str | None:
    """The address of a site (a root), as the registry has it."""
    found: str | None = await tx.fetchval("SELECT address FROM site WHERE site = $1", site)
    return found


async def flags_about(
    tx: Connection, sites: Collection[UUID], suppliers: Collection[UUID], flags: Collection[UUID]
) -> list[Row]:
    """These flags (or those that hold their reports now), and those about these sites, or suppliers without a site.

    Sites and suppliers are given by their roots. The gravest comes first.
    """
    rows = await tx.fetch(
        """SELECT f.flag, f.site, f.supplier, f.category, f.state, f.is_open, f.severity, f.likelihood, f.priority,
                  f.overdue, l.buyers, l.contracts, l.workinggroups, l.sums
           FROM flag f LEFT JOIN leverage l USING (flag)
           WHERE f.merged_into IS NULL AND (
               f.site = ANY($1::uuid[]) OR (f.site IS NULL AND f.supplier = ANY($2::uuid[]))
               OR f.flag IN (SELECT coalesce(merged_into, flag) FROM flag WHERE flag = ANY($3::uuid[])))
           ORDER BY f.is_open DESC, f.priority DESC, f.flag""",
        list(sites),
        list(suppliers),
        list(flags),
    )
    return [dict(row) for row in rows]


async def flags_touching(tx: Connection, contract: UUID, member: str) -> list[UUID]:
    """The flags of which a member was told that they touch a contract."""
    rows = await tx.fetch("SELECT flag FROM exposure WHERE (contract, member) = ($1, $2) ORDER BY 1", contract, member)
    return [row[0] for row in rows]


async def own_exposure(tx: Connection, flags: Collection[UUID], member: str) -> dict[UUID, int]:
    """How many contracts of a member each of these flags touches."""
    rows = await tx.fetch(
        "SELECT flag, count(*) FROM exposure WHERE member = $2 AND flag = ANY($1::uuid[]) GROUP BY flag",
        list(flags),
        member,
    )
    return {row[0]: row[1] for row in rows}


async def names_of(tx: Connection, supplier: UUID, audiences: Sequence[str]) -> list[Row]:
    """The names under which a supplier (a root) is known to the audiences, each with the countries of its sites.

    The name of the registry comes first (`registered`), then those of disclosures and reports.
    """
    rows = await tx.fetch(
        """SELECT name, country, supplier = $2 AS registered FROM supplier WHERE root = $2 AND name IS NOT NULL
           UNION SELECT d.supplier_name, d.country, false
                 FROM disclosure d LEFT JOIN supplier s ON s.supplier = d.supplier
                 WHERE coalesce(s.root, d.supplier) = $2 AND d.audience = ANY($1::text[]) AND NOT d.retired
           UNION SELECT r.said->>'supplier_name', r.said->>'country', false
                 FROM report r JOIN flag f USING (flag)
                 WHERE f.supplier = $2 AND f.merged_into IS NULL
                   AND NOT EXISTS (SELECT FROM withdrawal w WHERE w.what = r.report)
           ORDER BY registered DESC, name, country NULLS LAST""",
        audiences,
        supplier,
    )
    return [dict(row) for row in rows]


async def read_contract(tx: Connection, contract: UUID, member: str) -> Row | None:
    """A contract as a member was told of it."""
    row = await tx.fetchrow(
        """SELECT c.contract, c.reference, c.title, c.owner, c.level, c.closed, c.supplier AS told,
                  coalesce(s.root, c.supplier) AS supplier, r.name AS supplier_name
           FROM contract c LEFT JOIN supplier s ON s.supplier = c.supplier LEFT JOIN supplier r ON r.supplier = s.root
           WHERE c.contract = $1 AND c.reader = $2""",
        contract,
        member,
    )
    return dict(row) if row else None
