"""The model of an assessment: data that says how facts and reports become grades (`model.toml`)."""

from services.risk.domain.facts.catalogue import word_key
from services.risk.domain.model.document import parse_model
from services.risk.domain.model.model import CATEGORIES, INSTRUMENTS, Makers, Model, sectors_in
from services.risk.domain.model.rules import Parts, Rule

__all__ = ["CATEGORIES", "INSTRUMENTS", "Makers", "Model", "Parts", "Rule", "parse_model", "sectors_in", "word_key"]
