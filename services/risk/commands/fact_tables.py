"""How the answers of `engage facts` look to a person."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from services.risk.domain.facts.fact import FactAbout
from services.risk.domain.facts.faults import MAXIMUM_FACTS, MAXIMUM_FILE
from services.risk.domain.facts.formats import FORMATS, Format
from services.risk.domain.model.model import LISTED
from services.risk.settings import current_model
from shared.client import Answer, refusal

SHOWN = 20
"""Changed facts that are printed; all are counted."""
_PLACE = re.compile(r"(?P<register>/register)?(?:/rows/(?P<row>\d+)(?:/(?P<column>.+))?)?")


def refused(answer: Answer) -> str:
    """What the service said when it refused: for faults of the file a table of row, column, code and remedy."""
    try:
        problem = answer.json()
        if problem["code"] != "facts_invalid":
            return refusal("risk", answer)
        lines = [("row", "column", "code", "remedy")]
        lines += [(*place(fault["pointer"]), fault["code"], fault.get("remedy", "")) for fault in problem["errors"]]
    except (ValueError, KeyError, TypeError):
        return refusal("risk", answer)
    return "\n".join([problem["detail"], *in_columns(lines)])


def place(pointer: str) -> tuple[str, str]:
    """Row and column of a pointer such as `/rows/12/country`; that of a register names it."""
    found = _PLACE.fullmatch(pointer)
    if found is None:
        return "file", ""
    return f"{'register ' if found['register'] else ''}{found['row'] or ''}".strip() or "file", found["column"] or ""


def in_columns(lines: Sequence[tuple[str, ...]]) -> Iterable[str]:
    """Lines of which the cells stand under each other."""
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    return ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def print_loaded(console: Console, answer: Any) -> None:
    would = answer["dry_run"]
    state = "known already" if not answer["new"] else "would be loaded" if would else "loaded"
    console.print(f"{answer['source']}, edition {answer['edition']}: {answer['facts']} facts, {state}.")
    if not answer["new"]:
        return
    console.print(
        f"Facts: {answer['facts_new']} new, {answer['facts_gone']} gone, {answer['facts_changed']} changed "
        "against the edition before."
    )
    print_changes(console, answer)
    for source in answer["nearly_the_same_as"]:
        console.print(f"Another source in force says nearly the same: {source}. Is this the same list under two names?")
    if answer["not_used_by_the_model"]:
        console.print(f"Kept, not used by the model: {', '.join(answer['not_used_by_the_model'])}.")
    console.print(
        f"Sites assessed again: {answer['sites_assessed']}. Assessments changed: {answer['assessments_changed']}, "
        f"of contracts: {answer['contracts_changed']}. "
        f"Indicators raised: {answer['indicators_raised']}, withdrawn: {answer['indicators_withdrawn']}."
    )
    console.print("Nothing was changed: this was a dry run." if would else "Next: engage risk summary")


def print_changes(console: Console, answer: Any) -> None:
    """The facts that came, went or changed, where there was an edition before."""
    if not answer["facts_gone"] and not answer["facts_changed"]:
        return
    for change in answer["changes"][:SHOWN]:
        for sign, said in (("-", change["before"]), ("+", change["after"])):
            for fact in said:
                console.print(f"  {sign} {fact['measure']}: {fact['text']}", soft_wrap=True)
    all_of_them = answer["facts_new"] + answer["facts_gone"] + answer["facts_changed"]
    if all_of_them > SHOWN:
        console.print(f"  and {all_of_them - SHOWN} more; --json tells the first 50 of each sort")


def print_editions(console: Console, answer: Any) -> None:
    if not answer["editions"]:
        console.print("No list is loaded: every finding is unknown. See: engage facts formats")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("format", "source", "edition", "facts", "in force", "licence", "retrieved"):
        table.add_column(name, no_wrap=name in ("format", "edition", "facts", "retrieved"))
    for one in answer["editions"]:
        state, licence = "yes" if one["in_force"] else "no", one["licence"] or "not given"
        facts, retrieved = str(one["facts"]), one["retrieved"] or "not given"
        table.add_row(one["format"], one["source"], one["edition"], facts, state, licence, retrieved)
    console.print(table)


def print_formats(console: Console) -> None:
    table = Table("format", "what it is, and who publishes it", box=None, pad_edge=False)
    for one in FORMATS.values():
        table.add_row(one.name, f"{one.what}\n{one.note}\n")
    console.print(table)
    console.print(
        f"Files are UTF-8, at most {MAXIMUM_FILE // 1024 // 1024} MiB and {MAXIMUM_FACTS:,} facts. Countries by ISO "
        "3166 code or name. Columns and an example: engage facts formats FORMAT"
    )


def print_format(console: Console, one: Format) -> None:
    console.print(f"{one.name}: {one.what}\n{one.note}")
    optional = f" (may be left out: {', '.join(one.optional)})" if one.optional else ""
    console.print(f"Columns: {', '.join((*one.columns, *one.optional))}{optional}")
    console.print(f"\nExample:\n{one.example}", soft_wrap=True)
    if one.name == "rows":
        print_measures(console)
    if one.register:
        console.print(f"\nRegister, columns at least: {', '.join(one.register)}. Directions: high_risk, low_risk.")
        console.print(f"Example:\n{one.register_example}", soft_wrap=True)
    register_of = " --register register.csv" if one.register else ""
    console.print(
        f'\nLoad it: engage facts load list.csv --format {one.name} --source "Who publishes it" --edition 2026'
        f"{register_of} --dry-run",
        soft_wrap=True,
    )


def print_measures(console: Console) -> None:
    """The measures that an assessment reads; any other is kept and shown with the list, and changes no assessment."""
    console.print("\nMeasures that the model uses (others are kept, not used):")
    used = current_model().rules
    for about in FactAbout:
        measures = sorted("listed_..." if measure == LISTED else measure for kind, measure in used if kind is about)
        console.print(f"  {about}: {', '.join(measures) or 'none'}")
