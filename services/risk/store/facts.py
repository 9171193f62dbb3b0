"""Lists that operators load: editions, and the facts of those in force."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from services.risk.domain.assessment import Listed, Lists
from services.risk.domain.facts import CountryGood, Edition, Entity, FactKind
from services.risk.domain.model import word_key
from services.risk.domain.names import entity_keys
from shared.postgres import Connection

LOCK = "SELECT pg_advisory_xact_lock{}(hashtextextended('risk/facts', 0))"
Keys = Collection[tuple[str, str]]


async def hold(tx: Connection) -> None:
    """Until `tx` ends, no edition comes into force; many may hold at once."""
    await tx.execute(LOCK.format("_shared"))


async def hold_alone(tx: Connection) -> None:
    """Until `tx` ends, nobody else assesses or loads: needed to put an edition into force."""
    await tx.execute(LOCK.format(""))


async def editions_of(tx: Connection, kind: FactKind, source: str) -> list[Edition]:
    """The editions of one list that were loaded."""
    rows = await tx.fetch(
        "SELECT source, edition, digest, in_force FROM fact_edition WHERE kind = $1 AND source = $2", kind, source
    )
    return [Edition(*row) for row in rows]


async def retire_edition(tx: Connection, kind: FactKind, source: str) -> int | None:
    """Take the edition of a list out of force, to make room for the next; its id, or None where there was none."""
    former: int | None = await tx.fetchval(
        "UPDATE fact_edition SET in_force = false WHERE kind = $1 AND source = $2 AND in_force RETURNING id",
        kind,
        source,
    )
    return former


async def put_in_force(
    tx: Connection, kind: FactKind, edition: Edition, licence: str | None, retrieved: date | None, facts: int
) -> int:
    """Record an edition as the one in force of its list; its id."""
    row: int = await tx.fetchval(
        """INSERT INTO fact_edition (kind, source, edition, digest, licence, retrieved, facts, in_force)
           VALUES ($1, $2, $3, $4, $5, $6, $7, true) RETURNING id""",
        kind,
        edition.source,
        edition.edition,
        edition.digest,
        licence,
        retrieved,
        facts,
    )
    return row


async def add_country_goods(tx: Connection, edition: int, facts: Sequence[CountryGood]) -> None:
    """Add the facts of an edition."""
    await tx.execute(
        """INSERT INTO country_good (edition, country, good_key, good, country_name, sector, child_labour,
               forced_labour, forced_child_labour, derived, derived_country)
           SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::bool[],
                                    $9::bool[], $10::bool[], $11::text[])""",
        edition,
        [fact.country for fact in facts],
        [word_key(fact.good) for fact in facts],
        [fact.good for fact in facts],
        [fact.country_name for fact in facts],
        [fact.sector for fact in facts],
        [fact.child_labour for fact in facts],
        [fact.forced_labour for fact in facts],
        [fact.forced_child_labour for fact in facts],
        [fact.derived for fact in facts],
        [fact.derived_country for fact in facts],
    )


async def add_entities(tx: Connection, edition: int, facts: Sequence[Entity]) -> None:
    """Add the facts of an edition."""
    await tx.execute(
        """INSERT INTO entity (edition, number, name, country, country_name, industry, effective, measure)
           SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::date[],
                                    $8::text[])""",
        edition,
        list(range(len(facts))),
        [fact.name for fact in facts],
        [fact.country for fact in facts],
        [fact.country_name for fact in facts],
        [fact.industry for fact in facts],
        [fact.effective for fact in facts],
        [fact.measure for fact in facts],
    )


async def add_entity_names(tx: Connection, edition: int, facts: Sequence[Entity]) -> None:
    """Add the names and aliases of an edition's entities, normalised."""
    named = [(n, key, fact.country) for n, fact in enumerate(facts) for key in sorted(entity_keys(fact.name))]
    await tx.execute(
        """INSERT INTO entity_name (edition, number, key, country)
           SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[])""",
        edition,
        [number for number, _, _ in named],
        [key for _, key, _ in named],
        [country for _, _, country in named],
    )


async def countries_between(tx: Connection, kind: FactKind, former: int | None, edition: int) -> list[str]:
    """The countries of the facts that one of two editions has and the other has not."""
    columns = {
        FactKind.COUNTRY_GOODS: "country, good_key, child_labour, forced_labour, derived FROM country_good",
        FactKind.ENTITIES: "country, name, measure, effective FROM entity",
    }[kind]
    one, other = f"SELECT {columns} WHERE edition = $1", f"SELECT {columns} WHERE edition = $2"
    rows = await tx.fetch(
        f"SELECT DISTINCT country FROM (({one} EXCEPT {other}) UNION ({other} EXCEPT {one})) changed",  # noqa: S608 - constants
        former or 0,
        edition,
    )
    return [row[0] for row in rows]


async def loaded_kinds(tx: Connection) -> frozenset[FactKind]:
    """The kinds of list of which at least one edition is in force."""
    rows = await tx.fetch("SELECT DISTINCT kind FROM fact_edition WHERE in_force")
    return frozenset(FactKind(row[0]) for row in rows)


async def read_goods(tx: Connection, keys: Keys) -> dict[tuple[str, str], tuple[Listed, ...]]:
    """The facts in force about these pairs of country and good."""
    rows = await tx.fetch(
        """SELECT g.good_key, e.source, e.edition, e.licence, e.retrieved, g.country, g.country_name, g.good, g.sector,
                  g.child_labour, g.forced_labour, g.forced_child_labour, g.derived, g.derived_country
           FROM unnest($1::text[], $2::text[]) AS u (country, good_key) JOIN country_good g USING (country, good_key)
           JOIN fact_edition e ON e.id = g.edition AND e.in_force
           ORDER BY e.source""",
        [country for country, _ in keys],
        [good for _, good in keys],
    )
    found: dict[tuple[str, str], list[Listed]] = defaultdict(list)
    for good_key, source, edition, licence, retrieved, *fact in rows:
        listed = Listed(CountryGood(*fact), source, edition, licence, retrieved)
        found[fact[0], good_key].append(listed)
    return {key: tuple(facts) for key, facts in found.items()}


async def read_entities(tx: Connection, keys: Keys) -> dict[tuple[str, str], tuple[Listed, ...]]:
    """The facts in force about entities of these countries and normalised names."""
    rows = await tx.fetch(
        """SELECT n.key, e.source, e.edition, e.licence, e.retrieved, i.name, i.country, i.country_name, i.industry,
                  i.effective, i.measure
           FROM unnest($1::text[], $2::text[]) AS u (country, key) JOIN entity_name n USING (country, key)
           JOIN fact_edition e ON e.id = n.edition AND e.in_force
           JOIN entity i ON i.edition = n.edition AND i.number = n.number
           ORDER BY e.source, i.number""",
        [country for country, _ in keys],
        [key for _, key in keys],
    )
    found: dict[tuple[str, str], list[Listed]] = defaultdict(list)
    for key, source, edition, licence, retrieved, *fact in rows:
        found[fact[1], key].append(Listed(Entity(*fact), source, edition, licence, retrieved))
    return {key: tuple(facts) for key, facts in found.items()}


async def read_lists(tx: Connection, goods: Keys, entities: Keys) -> Lists:
    """What the lists in force say of these keys. The caller holds the facts."""
    return Lists(
        loaded=await loaded_kinds(tx),
        goods=await read_goods(tx, goods) if goods else {},
        entities=await read_entities(tx, entities) if entities else {},
    )
