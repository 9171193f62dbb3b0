"""How the events of `risk` read in a thread: from coded fields, in plain words. An indicator accuses nobody."""

from collections.abc import Mapping

from shared.events.lifecycles import Exposure
from shared.events.risk import (
    AssessmentMade,
    ContractAssessed,
    ExposureChanged,
    FlagEvidenceAdded,
    FlagMoved,
    FlagOpened,
    FlagOverdue,
    FollowUpRefused,
    IndicatorRaised,
    IndicatorWithdrawn,
    LeverageChanged,
)
from shared.thread import Phrase, count, spaced


def raised(data: IndicatorRaised) -> str:
    return f"Indicator ({spaced(data.category)}) at {data.site_name or data.supplier_name}: {data.statement}"


def assessed(data: AssessmentMade) -> str:
    known = sum(grades.severity is not None for grades in data.categories.values())
    return f"Site assessed ({spaced(data.cause.kind)} changed): {known} of {len(data.categories)} categories graded"


def contract_assessed(data: ContractAssessed) -> str:
    reached = count(data.sites, "site"), count(data.flags, "flag"), count(data.indicators, "indicator")
    return f"Contract assessed: it reaches {', '.join(reached)}"


def opened(data: FlagOpened) -> str:
    where = data.site_name or data.supplier_name
    serious = ", serious" if data.serious else ""
    return f"Flag opened at {where}: {spaced(data.category)}, severity {data.severity}{serious}"


def added(data: FlagEvidenceAdded) -> str:
    return f"Flag has a further report, {data.reports} in all; severity {data.severity}"


def moved(data: FlagMoved) -> str:
    why = f" ({spaced(data.reason)})" if data.reason else ""
    into = f"; its reports are held by flag {data.into}" if data.into else ""
    return f"Flag went from {spaced(data.before)} to {spaced(data.after)}{why}{into}"


def refused(data: FollowUpRefused) -> str:
    return f"Step to {spaced(data.wanted)} not taken ({spaced(data.refusal)}): it stays {spaced(data.standing)}"


def exposed(data: ExposureChanged) -> str:
    if data.exposure is not Exposure.EXPOSED:
        return f"Flag no longer touches contract {data.contract}"
    return f"Flag touches contract {data.contract}: {spaced(data.reach)}"


def leverage(data: LeverageChanged) -> str:
    contracts = "" if data.contracts is None else f", {count(data.contracts, 'contract')}"
    return f"Leverage: {count(data.buyers, 'buyer')}{contracts}"


PHRASES: Mapping[str, Phrase] = {
    IndicatorRaised.type: Phrase(raised),
    IndicatorWithdrawn.type: Phrase(lambda data: f"Indicator no longer holds: {spaced(data.reason)}"),
    AssessmentMade.type: Phrase(assessed),
    ContractAssessed.type: Phrase(contract_assessed),
    FlagOpened.type: Phrase(opened),
    FlagEvidenceAdded.type: Phrase(added),
    FlagMoved.type: Phrase(moved),
    FollowUpRefused.type: Phrase(refused),
    FlagOverdue.type: Phrase(lambda data: f"Overdue since {data.due}: {spaced(data.clock)} of the flag"),
    ExposureChanged.type: Phrase(exposed),
    LeverageChanged.type: Phrase(leverage),
}
"""By event type."""
