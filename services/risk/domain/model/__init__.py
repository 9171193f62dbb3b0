"""The model of an assessment: data that says how facts and reports become grades (`model.toml`)."""

from services.risk.domain.model.document import parse_model
from services.risk.domain.model.model import CATEGORIES, INSTRUMENTS, Model, sectors_in
from services.risk.domain.model.rules import Parts

__all__ = ["CATEGORIES", "INSTRUMENTS", "Model", "Parts", "parse_model", "sectors_in"]
