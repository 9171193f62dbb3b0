"""What is known of the issues that a working group is concerned with; all of it follows from events."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.risk.domain.salience import Issue
from shared.events.vocabulary import Category
from shared.postgres import Connection

IN_SCOPE = """scope AS (
    SELECT w.workinggroup, w.members, w.categories, cardinality(w.suppliers) = 0 AS by_category,
           ARRAY(SELECT coalesce(s.root, n.id) FROM unnest(w.suppliers) AS n (id)
                 LEFT JOIN supplier s ON s.supplier = n.id) AS suppliers
    FROM workinggroup w WHERE w.workinggroup = $1)"""
"""A group's suppliers as they are known now, or its categories where it names no supplier."""
CONCERNED = "CASE WHEN g.by_category THEN {category} = ANY(g.categories) ELSE {supplier} = ANY(g.suppliers) END"
"""Whether a group in scope is concerned; the rule by which engagements are proposed, too."""
FLAG_CONCERNED = CONCERNED.format(category="f.category", supplier="coalesce(s.root, f.supplier)")
STATEMENT_CONCERNED = CONCERNED.format(category="t.category", supplier="coalesce(s.root, t.supplier)")
INDICATOR_CONCERNED = CONCERNED.format(category="i.category", supplier="coalesce(s.root, i.supplier)")


async def read_groups(tx: Connection, member: str | None) -> list[Record]:
    """The open working groups, or those of which a member is one; with how many members and suppliers each has."""
    return await tx.fetch(
        """SELECT workinggroup, name, categories, cardinality(suppliers) AS suppliers, cardinality(members) AS members
           FROM workinggroup WHERE NOT closed AND ($1::text IS NULL OR $1 = ANY(members)) ORDER BY workinggroup""",
        member,
    )


async def read_group(tx: Connection, group: str, member: str | None) -> Record | None:
    """A working group; None where there is none of this name, it is closed, or the member is not in it."""
    return await tx.fetchrow(
        """SELECT workinggroup, name FROM workinggroup
           WHERE workinggroup = $1 AND NOT closed AND ($2::text IS NULL OR $2 = ANY(members))""",
        group,
        member,
    )


ISSUES = f"""WITH {IN_SCOPE},
flagged AS (
    SELECT f.flag, f.category, f.site, f.state, f.severity, f.likelihood, coalesce(s.root, f.supplier) AS root
    FROM scope g CROSS JOIN flag f LEFT JOIN supplier s USING (supplier)
    WHERE f.is_open AND {FLAG_CONCERNED}),
of_flags AS (
    SELECT root, category, max(severity) AS severity, max(likelihood) AS likelihood,
           bool_and(state IN ('mitigated', 'verified')) AS mitigated, count(*) AS flags, count(DISTINCT site) AS sites
    FROM flagged GROUP BY root, category),
of_reports AS (
    SELECT f.root, f.category, count(*) AS reports FROM flagged f JOIN report r USING (flag)
    WHERE NOT EXISTS (SELECT FROM withdrawal w WHERE w.what = r.report) GROUP BY f.root, f.category),
of_exposure AS (
    SELECT f.root, f.category, count(DISTINCT e.member) AS members, count(DISTINCT e.contract) AS contracts
    FROM scope g JOIN exposure e ON e.member = ANY(g.members) JOIN flagged f USING (flag) GROUP BY f.root, f.category),
of_statements AS (
    SELECT coalesce(s.root, t.supplier) AS root, t.category, count(*) AS statements
    FROM scope g CROSS JOIN statement t LEFT JOIN supplier s USING (supplier)
    WHERE {STATEMENT_CONCERNED} GROUP BY 1, 2),
issue AS (SELECT root, category FROM of_flags UNION SELECT root, category FROM of_statements),
of_indicators AS (
    SELECT root, category, count(*) AS indicators
    FROM issue JOIN supplier s USING (root) JOIN indicator i USING (supplier, category)
    WHERE i.audience = '' GROUP BY root, category)
SELECT u.root AS supplier, (SELECT name FROM supplier WHERE supplier = u.root) AS supplier_name, u.category,
       f.severity, f.likelihood, coalesce(f.mitigated, false) AS mitigated, coalesce(f.flags, 0) AS flags,
       coalesce(r.reports, 0) AS reports, coalesce(t.statements, 0) AS statements, coalesce(f.sites, 0) AS sites,
       coalesce(i.indicators, 0) AS indicators, coalesce(e.members, 0) AS members,
       coalesce(e.contracts, 0) AS contracts
FROM issue u LEFT JOIN of_flags f USING (root, category) LEFT JOIN of_reports r USING (root, category)
     LEFT JOIN of_statements t USING (root, category) LEFT JOIN of_indicators i USING (root, category)
     LEFT JOIN of_exposure e USING (root, category)"""  # noqa: S608 - constants


async def read_issues(tx: Connection, group: str) -> list[Issue]:
    """The issues of a group: each supplier and category of which an open flag or a released statement tells."""
    return [Issue(**{**dict(row), "category": Category(row["category"])}) for row in await tx.fetch(ISSUES, group)]


async def count_indicated(tx: Connection, group: str) -> int:
    """Suppliers and categories in a group's scope of which nobody tells, and at which public lists point."""
    found: int = await tx.fetchval(
        f"""WITH {IN_SCOPE}
            SELECT count(DISTINCT (coalesce(s.root, i.supplier), i.category))
            FROM scope g CROSS JOIN indicator i LEFT JOIN supplier s USING (supplier)
            WHERE i.audience = '' AND {INDICATOR_CONCERNED}
                AND NOT EXISTS (SELECT FROM flag f JOIN supplier o USING (supplier)
                                WHERE f.is_open AND f.category = i.category AND o.root = coalesce(s.root, i.supplier))
                AND NOT EXISTS (SELECT FROM statement t JOIN supplier o USING (supplier)
                                WHERE t.category = i.category AND o.root = coalesce(s.root, i.supplier))""",  # noqa: S608 - constants
        group,
    )
    return found


async def read_flags(tx: Connection, issues: Sequence[Issue]) -> list[Record]:
    """Every flag that ever told of these issues, as the registry knows their suppliers now: `supplier`, `category`."""
    return await tx.fetch(
        """SELECT u.supplier, u.category, f.flag
           FROM unnest($1::uuid[], $2::text[]) AS u (supplier, category)
                JOIN LATERAL (SELECT u.supplier AS one UNION SELECT s.supplier FROM supplier s WHERE s.root = u.supplier
                ) known ON true
                JOIN flag f ON f.supplier = known.one AND f.category = u.category
           WHERE f.merged_into IS NULL""",
        [issue.supplier for issue in issues],
        [issue.category.value for issue in issues],
    )


async def count_statements(
    tx: Connection, issues: Collection[Issue], before: datetime
) -> dict[tuple[UUID, Category], int]:
    """How many statements had been released of these issues before a moment."""
    rows = await tx.fetch(
        """SELECT u.supplier, u.category, count(*)
           FROM unnest($1::uuid[], $2::text[]) AS u (supplier, category)
                JOIN LATERAL (SELECT u.supplier AS one UNION SELECT s.supplier FROM supplier s WHERE s.root = u.supplier
                ) known ON true
                JOIN statement t ON t.supplier = known.one AND t.category = u.category
           WHERE t.recorded_at < $3 GROUP BY u.supplier, u.category""",
        [issue.supplier for issue in issues],
        [issue.category.value for issue in issues],
        before,
    )
    return {(supplier, Category(category)): count for supplier, category, count in rows}
