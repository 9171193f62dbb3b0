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
    likelihood_unknown: int = Field(
        default=3,
        ge=1,
        le=5,
        description="the likelihood (1-5) by which a flag without one is ordered: the middle, never zero; ours",
    )
    reassess_every: float = Field(
        default=60, gt=0, description="seconds between two looks for sites that an older model assessed"
    )


@cache
def current_model() -> Model:
    """The model that this release assesses with: `model.toml`. Raises ValueError where it is not well formed."""
    return parse_model(resources.files(__package__).joinpath("model.toml").read_text(encoding="utf-8"))
