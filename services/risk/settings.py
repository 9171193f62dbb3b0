"""What can be set for `risk`, with units and where the defaults come from, and the model beside this file."""

from functools import cache
from importlib import resources

from pydantic import Field

from services.risk.domain.model import Model, parse_model
from shared.settings import Settings


class RiskSettings(Settings):
    """The settings of `risk`."""

    serious_from: int = Field(
        default=4, ge=1, le=5, description="severity (1-5) from which a flag asks for an immediate mail; ours"
    )
    unknown_grade: int = Field(
        default=3,
        ge=1,
        le=5,
        description="the grade (1-5) by which what is unknown is ordered: the middle, never zero; ours",
    )
    reassess_every: float = Field(
        default=60, gt=0, description="seconds between two looks for sites that an older model assessed"
    )
    triage_days: int = Field(
        default=14,
        ge=0,
        description="days within which somebody takes the first step with a flag, 0 for no clock; ours",
    )
    response_days: int = Field(
        default=21,
        ge=0,
        description="days for the company to answer a confirmed flag, 0 for no clock; see `response_basis`",
    )
    response_basis: str = Field(
        default="after the three weeks in which the Norwegian Transparency Act has enterprises that it covers answer "
        "requests for information",
        max_length=150,
        description="what `response_days` rests on; FLA Third Party Complaint has 45 days and binds FLA companies",
    )
    clocks_every: float = Field(default=60, gt=0, description="seconds between two looks at the clocks of flags")
    leverage_buyers: int = Field(
        default=3,
        ge=3,
        description="buyers from which more is told than how many they are: of their contracts, of a group's members "
        "that are exposed, and of the values that are known, so that none can reckon another's; ours",
    )
    leverage_dominance_percent: int = Field(
        default=70,
        ge=34,
        le=100,
        description="percent of a sum that one owner may have, else it is not told: the (n, k) dominance rule of "
        "statistical disclosure control with n = 1 (Handbook on Statistical Disclosure Control, ESSNet SDC); k is ours",
    )
    trend_days: int = Field(default=90, ge=1, description="days over which a working group sees a trend; ours")
    requests_at_once: int = Field(
        default=200, ge=1, description="requests of one key of a member after a pause; as ingest has it"
    )
    requests_per_second: float = Field(
        default=50, gt=0, description="requests of one key of a member in the long run; as ingest has it"
    )


@cache
def current_model() -> Model:
    """The model that this release assesses with: `model.toml`. Raises ValueError where it is not well formed."""
    return parse_model(resources.files(__package__).joinpath("model.toml").read_text(encoding="utf-8"))
