"""What of the settings the rules need: benchmarks, calendar, days. Built once from the settings."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.remedy.domain.benchmarks import Benchmarks
from services.remedy.domain.dossier import Moment


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of this mechanism. `check_days` are days after a contact on which retaliation is looked for."""

    zone: ZoneInfo
    check_days: tuple[int, ...]
    benchmarks: Benchmarks

    def moment(self, at: datetime) -> Moment:
        """A moment with the day that it is at the mechanism."""
        return Moment(at, self.today(at), self.zone)

    def today(self, at: datetime) -> date:
        """The day that it is at the mechanism."""
        return at.astimezone(self.zone).date()
