"""The grids of who may do what agree with the table of who must not see what, role by role and class by class."""

import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from deploy.local.servers import database_of
from services.remedy.domain.people import Role

HERE = Path(__file__).parent
CLASSES = "PMGITKA"
READS, WRITES = frozenset("+RXBS"), frozenset("+WBIUD")


def table(name: str) -> dict[str, Any]:
    """A table of this folder."""
    return tomllib.loads((HERE / name).read_text())


ROLES = table("roles.toml")
SAID = {
    (role, kind): word
    for role, row in ROLES["classes"].items()
    for kind, word in zip(CLASSES, row.split(), strict=True)
}
CELLS = sorted(SAID)


def given() -> dict[tuple[str, str], set[str]]:
    """What the grids give each role of each class: the places, each with whether it may be read or written."""
    found = defaultdict[tuple[str, str], set[str]](set)
    grids = (("kafka", "principals", "topics"), ("http", "callers", "endpoints"))
    for grid, columns, rows in grids:
        content = table(f"{grid}.toml")
        for place, (kind, row) in content[rows].items():
            for column, signs in zip(content[columns], row.split(), strict=True):
                note(found, (ROLES[grid][column], kind), place, signs)
    content = table("postgres.toml")
    for schema, row in content["schemas"].items():
        for column, signs in zip(content["roles"], row.split(), strict=True):
            for kind in ROLES["schemas"][schema]:
                note(found, (ROLES["postgres"][column], kind), schema, signs)
    return found


def note(found: dict[tuple[str, str], set[str]], cell: tuple[str, str], place: str, signs: str) -> None:
    """Note under a role and a class that a place can be read or written."""
    if READS & set(signs):
        found[cell].add(f"read {place}")
    elif WRITES & set(signs):
        found[cell].add(f"write {place}")


@pytest.mark.parametrize(("role", "kind"), CELLS)
def test_a_role_is_given_nothing_of_a_class_that_it_must_not_see(role: str, kind: str) -> None:
    places = given()[role, kind]

    match SAID[role, kind]:
        case "no":
            assert places == set()
        case "write":
            assert all(place.startswith("write") for place in places)
        case "read" | "own":
            pass
        case other:
            raise AssertionError(f"{other} is no word of the table")


def test_the_table_has_every_column_of_every_grid_and_every_role_of_people() -> None:
    assert set(ROLES["kafka"]) == set(table("kafka.toml")["principals"])
    assert set(ROLES["http"]) == set(table("http.toml")["callers"])
    assert set(ROLES["postgres"]) == set(table("postgres.toml")["roles"])
    assert {role.value for role in Role} <= set(ROLES["classes"])


def test_what_belongs_to_cases_is_in_no_database_of_another_service() -> None:
    confidential = set("GIKA")

    for schema, kinds in ROLES["schemas"].items():
        if confidential & set(kinds):
            assert database_of(schema) not in {database_of(other) for other in ROLES["schemas"] if other != schema}


def test_the_grids_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    kafka, http, postgres = table("kafka.toml"), table("http.toml"), table("postgres.toml")
    cells = {
        "role x class": len(SAID),
        "Kafka principal x topic x operation": len(kafka["principals"]) * len(kafka["topics"]) * 7,
        "Kafka principal x group x operation": len(kafka["principals"]) ** 2 * 2,
        "Postgres role x database": len(postgres["roles"]) * len(postgres["connect"]),
        "Postgres role x schema of its database x verb": 5
        * sum(database_of(role) == database_of(schema) for role in postgres["roles"] for schema in postgres["schemas"]),
        "Postgres role x forbidden act": len(postgres["roles"]) * len(postgres["forbidden"]),
        "HTTP caller x endpoint": len(http["callers"]) * len(http["endpoints"]),
    }
    with capsys.disabled():
        print(f"\nrole matrix: {sum(cells.values())} cells: " + ", ".join(f"{n} {name}" for name, n in cells.items()))

    assert all(cells.values())
