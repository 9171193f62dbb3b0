"""The libraries of clauses and standard asks: data that agrees with itself, and faults that are named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.remedy.libraries import read_libraries
from shared.events.vocabulary import Category, DueDiligenceStep, Instrument
from tests.remedy.given import SETTINGS

SET = '[[set]]\nid = "own"\nname = "Own"\nsource = "Own"\nedition = "1"\ndefault = true\n'
CLAUSE = '[[clause]]\nid = "{id}"\nset = "own"\nclause = "1"\ntitle = "Title"\nevidence = "Evidence"\n'


def test_each_step_of_due_diligence_has_its_clause() -> None:
    clauses = read_libraries().clauses

    steps = [step for step in DueDiligenceStep if step is not DueDiligenceStep.OTHER]

    found = [clauses.of_step(step) for step in steps]
    assert [one and one.clause for one in found] == ["2.1", "2.2", "2.3", "2.4", "2.5", "2.6"]


def test_each_fundamental_instrument_has_a_clause_and_each_category_a_standard_ask() -> None:
    libraries = read_libraries()

    held = {one for clause in libraries.clauses.clauses for one in clause.instruments}
    asked = {one.category for one in libraries.asks}

    assert held == set(Instrument) - {Instrument.OTHER}
    assert asked >= set(Category) - {Category.OTHER}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("set = [", "is no TOML"),
        (CLAUSE.format(id="a"), "there is no set own"),
        (SET + CLAUSE.format(id="a") * 2, "clause a is there twice"),
        (SET.replace("default = true\n", "") + CLAUSE.format(id="a"), "one set is the default"),
        (SET + CLAUSE.format(id="a") + 'instruments = ["C029"]\n', "C029 is of another category"),
        (SET + CLAUSE.format(id="a") + '[[clause.routine]]\nwanted = "W"\nbasis = "B"\n', "comes each year"),
        (SET + CLAUSE.format(id="a") + 'step = "guess"\n', "clauses.0.step"),
    ],
)
def test_a_file_that_does_not_agree_with_itself_stops_the_service_and_names_the_fault(
    tmp_path: Path, text: str, fault: str
) -> None:
    file = tmp_path / "clauses.toml"
    file.write_text(text)

    with pytest.raises(ValidationError, match=fault):
        type(SETTINGS).model_validate(SETTINGS.model_dump() | {"clauses_file": file})


def test_a_file_that_is_not_there_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="cannot be read"):
        type(SETTINGS).model_validate(SETTINGS.model_dump() | {"asks_file": tmp_path / "none.toml"})


def test_an_ask_rests_on_a_clause_that_is_there(tmp_path: Path) -> None:
    file = tmp_path / "asks.toml"
    file.write_text('[[ask]]\nid = "a"\ntitle = "T"\nwording = "W"\nclause = "none"\ndays = 30\n')

    with pytest.raises(ValueError, match="ask a: there is no clause none"):
        read_libraries(None, file)
