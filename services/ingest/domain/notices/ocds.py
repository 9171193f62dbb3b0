"""OCDS release and record packages (1.1.5): tenders, awards and contracts, amended and terminated.

The reference of a tender is its ocid; that of an award or contract is the ocid with its own id, which is unique only
within its process. What a release leaves out is known from the releases before it in the same file.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from services.ingest.domain.lists.findings import FileInvalid, Finding
from services.ingest.domain.notices.notice import (
    LONGEST_NAME,
    Data,
    Notice,
    Notices,
    Unusable,
    clean,
    ended,
    filled,
    label,
)
from services.ingest.domain.notices.parties import firm_of
from services.ingest.domain.notices.processes import Process, Told, end_day, end_of, framework_of, value_of
from services.ingest.domain.notices.releases import LISTS, Release, Unread, merged_with, releases_of, several, written
from shared.events.vocabulary import ContractEnd

MOST_WORK = 1_000_000
"""Parts of processes that are looked at in all, release by release: a few seconds."""
FAILED_TENDER = frozenset({"cancelled", "unsuccessful", "withdrawn"})


def read_ocds(package: Data, most: int) -> Notices:
    """What the releases of a package say of contracts, process by process in the order of their dates.

    Raises FileInvalid where these are more than `most` contracts, or merging them takes too long.
    """
    notices = Notices("ocds", most)
    processes: dict[str, list[Release]] = defaultdict(list)
    for one in releases_of(package):
        if isinstance(one, Unread):
            notices.add(Notice(len(notices.found) + 1, one.place, problem=one.error.problem))
        else:
            processes[one.ocid].append(one)
    work = 0
    for releases in processes.values():
        known: Data = {}
        for release in sorted(releases, key=lambda one: one.date):
            known = merged_with(known, release)
            work += sum(len(several(known, name)) for name in LISTS)
            if work > MOST_WORK:
                raise FileInvalid(Finding("too_many_notices"))
            add_release(notices, Process(release, known))
    return notices


def add_release(notices: Notices, process: Process) -> None:
    """Add what one release says; where that is nothing of a contract, its place."""
    before = len(notices.found)
    for notice in read_release(process, before):
        notices.add(notice)
    if len(notices.found) == before:
        notices.silent.append(process.release.place)


def read_release(process: Process, rows: int) -> Iterator[Notice]:
    """What one release says: of its contracts, of awards without a contract, else of the tender."""
    content = process.release.content
    signed = {written(one, "awardID") for one in process.parts["contracts"].values()}
    told = False
    for name in ("contracts", "awards"):
        for position, part in enumerate(several(content, name)):
            if name == "awards" and (written(part, "id") in signed or is_open(process, part)):
                continue
            told = True
            for notice in read_part(process, name, part, f"{process.release.place}/{name}/{position}", rows + 1):
                rows = notice.row
                yield notice
    settled = process.parts["contracts"] or any(several(one, "suppliers") for one in process.parts["awards"].values())
    if not told and not settled and (content.get("tender") or content.get("planning")):
        yield announcement(process, rows + 1)


def is_open(process: Process, award: Data) -> bool:
    """Whether an award has no winner: still pending, or unsuccessful."""
    return not several(process.part("awards", written(award, "id")) or award, "suppliers")


def announcement(process: Process, row: int) -> Notice:
    """A contract that is announced and has no supplier yet."""
    tender = process.tender
    reference, said = process.ocid, process.release.date
    data = filled(
        reference=reference,
        level=process.level().value,
        ocid=process.ocid,
        notice=process.notice,
        title=clean(written(tender, "title") or written(process.known, "title"), LONGEST_NAME),
        value=value_of(tender),
    )
    end = None
    if written(tender, "status") in FAILED_TENDER:
        end = ended(reference, said.date(), ContractEnd.NOT_AWARDED, process.notice)
    place = f"{process.release.place}/{'tender' if process.release.content.get('tender') else 'planning'}"
    return complete(process, Notice(row, place, process.release.id, said, data, end))


def read_part(process: Process, name: str, part: Data, place: str, row: int) -> Iterator[Notice]:
    """One contract or award, once for each of its suppliers."""
    own = written(part, "id")
    if own is None:
        yield Notice(row, place, problem=Unusable("id_missing", "id").problem)
        return
    known = process.part(name, own)
    award = process.part("awards", written(known, "awardID")) if name == "contracts" else known
    suppliers = several(known, "suppliers") or several(award, "suppliers")
    told = Told(process, known, award, name == "awards", len(suppliers))
    for offset, supplier in enumerate(suppliers or [{}]):
        try:
            yield one_contract(told, supplier, place, row + offset)
        except Unusable as error:
            yield Notice(row + offset, place, problem=error.problem)


def one_contract(told: Told, supplier: Data, place: str, row: int) -> Notice:
    """One contract or award with one of its suppliers. Raises Unusable without a supplier, unless it has ended."""
    process, known = told.process, told.known
    starts, ends = told.days()
    reason = end_of(told, ends)
    if not supplier and reason is None:
        raise Unusable("supplier_missing", "suppliers")
    reference, data, ignored = process.reference(written(known, "id") or ""), None, list[str]()
    if supplier:
        firm, ignored = firm_of(process.part("parties", written(supplier, "id")) or supplier, supplier)
        if told.winners > 1:
            reference = label(reference, firm.get("identifiers", {}).get("organisation_number") or firm["name"])
        data = filled(
            reference=reference,
            supplier=firm,
            level=process.level(known).value,
            ocid=process.ocid,
            notice=process.notice,
            title=clean(told.title(), LONGEST_NAME),
            starts=starts,
            ends=ends,
            value=told.value(),
        )
    said = process.release.date
    end = None if reason is None else ended(reference, end_day(said.date(), ends, reason), reason, process.notice)
    notice = Notice(row, place, process.release.id, said, data, end, ignored=tuple(ignored))
    return complete(process, notice, known)


def complete(process: Process, notice: Notice, part: Data | None = None) -> Notice:
    """The notice with who buys, who manages the procurement, and the process of the framework above it."""
    return replace(
        notice,
        buyers=process.buyers,
        managers=process.managers,
        framework=framework_of(part or {}) or process.framework,
        earlier=(process.ocid,),
    )
