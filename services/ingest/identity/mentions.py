"""What each source has said of suppliers and sites, in its own words: kept, so that a name can leave its entry."""

import json
from collections.abc import Mapping, Sequence

from services.ingest.accepting.batch import Batch, Naming
from services.ingest.domain.identity.keys import site_key, supplier_key
from services.ingest.domain.lists.cells import Entry
from services.ingest.store.spellings import Mention, keep_mentions
from shared.events.members import DisclosureSubmitted, FlagRaised
from shared.events.submitted import SubmittedSite
from shared.events.values import Identifiers
from shared.postgres import Connection


async def keep_submitted(tx: Connection, batch: Batch) -> None:
    """Keep what the events of a batch say of suppliers and sites, unless they are refused."""
    mentions = [
        mention
        for receipt, submission in batch.fresh.items()
        if receipt not in batch.refused and isinstance(submission.data, Naming)
        for mention in said_in(submission.data, submission.source, submission.id)
    ]
    if mentions:
        await keep_mentions(tx, batch.member, mentions)


def said_in(data: Naming, source: str, item: str) -> list[Mention]:
    """What an event says of a supplier and perhaps its site; nothing where it names none."""
    if data.supplier is None:
        return []
    supplier = data.supplier
    said = words(supplier.name, None, supplier.country, supplier.identifiers)
    key = supplier_key(supplier.name, supplier.identifiers.lei if supplier.identifiers else None)
    site = data.site if isinstance(data, DisclosureSubmitted | FlagRaised) else None
    if site is None:
        return [Mention(source, "", item, key, said)]
    native = site.native_name if isinstance(site, SubmittedSite) else None
    place = words(site.name, site.address, site.country, site.identifiers, native)
    return [Mention(source, "", item, key, said, site_key(site.name, site.address, site.country), place)]


def said_in_rows(list_name: str, entries: Sequence[Entry], keys: Sequence[tuple[bytes, bytes]]) -> list[Mention]:
    """What the rows of a list say; `keys` are those of each row's supplier and site."""
    mentions: Mapping[tuple[str, int], Mention] = {
        (entry.edition, entry.row): said_in_row(list_name, entry, *own)
        for entry, own in zip(entries, keys, strict=True)
    }
    return list(mentions.values())


def said_in_row(list_name: str, entry: Entry, supplier: bytes, site: bytes) -> Mention:
    said = words(entry.supplier, None, entry.supplier_country, entry.supplier_identifiers)
    if not entry.has_site:
        return Mention(list_name, entry.edition, str(entry.row), supplier, said)
    place = words(entry.name, entry.address, entry.country, entry.facts.identifiers, entry.facts.native_name)
    return Mention(list_name, entry.edition, str(entry.row), supplier, said, site, place)


def words(
    name: str, address: str | None, country: str | None, identifiers: Identifiers | None, native: str | None = None
) -> str:
    """What a source said, as JSON."""
    ids = None if identifiers is None else identifiers.model_dump(exclude_none=True)
    said = {"name": name, "address": address, "country": country, "identifiers": ids, "native_name": native}
    return json.dumps({field: value for field, value in said.items() if value})
