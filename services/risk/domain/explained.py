"""What an answer to "why?" holds, as plain values in a fixed order: the same knowledge gives the same bytes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.risk.domain.assessment import Grades, priority_of
from services.risk.domain.assessment.canonical import plain
from services.risk.domain.assessment.contribution import SPEAKERS
from services.risk.domain.assessment.explanation import ExplainedCategory, ExplainedReason, Explanation
from services.risk.domain.assessment.known import statement_says
from services.risk.domain.entities import CHECK, EntityMatch, said
from services.risk.domain.evidence import StatementKnown
from services.risk.domain.facts.fact import Listed
from services.risk.domain.flags import FlagStanding, Replied, Reported
from services.risk.domain.standings import Standing
from services.risk.domain.subjects import Known
from shared.events.vocabulary import Category

Document = dict[str, Any]
NEWEST = 200
"""Reports, steps and replies of one flag that are shown of each; older ones are counted."""


def candidate(one: Known) -> Document:
    """One of several that a name may mean."""
    return given(
        {
            "kind": one.kind.value,
            "id": str(one.id),
            "name": one.name,
            "country": one.country,
            "supplier_name": one.supplier_name,
            "sites": one.sites or None,
        }
    )


def of_contract(row: Mapping[str, Any]) -> Document:
    """A contract as its reader was told of it."""
    supplier = row["supplier"] and given({"id": str(row["supplier"]), "name": row["supplier_name"]})
    return given(
        {
            "kind": "contract",
            "id": str(row["contract"]),
            "name": row["title"] or row["reference"],
            "reference": row["reference"],
            "owner": row["owner"],
            "supplier": supplier,
            "closed": row["closed"] or None,
        }
    )


def of_match(match: EntityMatch) -> Document:
    """An entry of an entity list that may be about a name of the subject, in the words of the list."""
    fact = match.listed.fact
    return given(
        {
            "name": match.name,
            "entry": match.entry,
            "says": f"{match.listed.source} {said(match)}",
            "how": match.how,
            "place": match.place,
            "likeness": match.likeness,
            "confidence": match.confidence.value,
            "check": CHECK,
            "fact": given(
                {
                    "source": match.listed.source,
                    "edition": match.listed.edition,
                    "text": fact.text,
                    "licence": match.listed.licence,
                    "retrieved": match.listed.retrieved and match.listed.retrieved.isoformat(),
                }
            ),
        }
    )


def of_near(listed: Listed) -> Document:
    """An entry of an entity list that holds the words of a name among others."""
    fact = listed.fact
    return given({"entry": fact.name, "country": fact.country, "source": listed.source, "edition": listed.edition})


def of_flag(
    row: Mapping[str, Any], standing: FlagStanding, own_contracts: int | None, sums: Mapping[str, Any]
) -> Document:
    """A flag: its state, its reports with the company's replies, and whom it touches; counts only of other members."""
    replies = list(standing.replies)
    return given(
        {
            "id": str(row["flag"]),
            "site": row["site"] and str(row["site"]),
            "supplier": str(row["supplier"]),
            "category": row["category"],
            "state": row["state"],
            "severity": row["severity"],
            "likelihood": row["likelihood"],
            "overdue": row["overdue"] or None,
            "reports": [of_report(one, replies) for one in standing.standing_reports[-NEWEST:]],
            "taken_back": len(standing.reports) - len(standing.standing_reports) or None,
            "more_reports": max(0, len(standing.standing_reports) - NEWEST) or None,
            "steps": [
                given(
                    {
                        "from": one.before.value,
                        "to": one.after.value,
                        "reason": one.reason and one.reason.value,
                        "basis": one.basis and SPEAKERS[one.basis],
                    }
                )
                for one in standing.steps[-NEWEST:]
            ],
            "more_steps": max(0, len(standing.steps) - NEWEST) or None,
            "touches": {
                "buyers": row["buyers"] or 0,
                "contracts": row["contracts"],
                "workinggroups": sorted(row["workinggroups"] or ()),
                "values": {currency: str(amount) for currency, amount in sorted(sums.items())},
            },
            "own_contracts": own_contracts,
        }
    )


def of_report(report: Reported, replies: Sequence[Replied]) -> Document:
    """A report of a flag and what the company replied to it."""
    told = report.said
    clause = told.clause and f"{told.clause.conditions}, {told.clause.edition}, {told.clause.clause}"
    return given(
        {
            "source": SPEAKERS[told.source_class],
            "actuality": told.actuality.value,
            "headline": told.headline,
            "clause": clause,
            "evidence": [one.uri for one in told.evidence],
            "replies": [
                given(
                    {
                        "speaker": one.said.speaker.value,
                        "stance": one.said.stance.value,
                        "said_on": one.said.said_on.isoformat(),
                        "statement": one.said.statement and one.said.statement.uri,
                    }
                )
                for one in replies
                if one.said.report == told.report
            ],
        }
    )


def of_statement(statement: StatementKnown) -> Document:
    """A released statement: there is no more to show, and whoever gave it is named by type only."""
    return {
        "says": statement_says(statement),
        "quarter": statement.quarter,
        "category": statement.category.value,
        "workers": statement.workers.value,
    }


def of_grades(category: Category, grades: Grades, unknown: int) -> Document:
    """The grades of a category; a part of which nothing is known is left out."""
    return {"category": category.value} | grades.told(unknown).model_dump(mode="json", exclude_none=True)


def of_tree(tree: Explanation, unknown: int) -> Document:
    """The tree of reasons of one site, the category of the highest priority first."""
    told: Document = tree.to_json()

    def order(one: ExplainedCategory) -> tuple[int, str]:
        return -priority_of(one.grades.severity, one.grades.likelihood, unknown), one.category.value

    places = {one.category.value: place for place, one in enumerate(sorted(tree.categories, key=order))}
    told["categories"] = sorted(told["categories"], key=lambda one: places[one["category"]])
    return told


def of_category(category: Category, grades: Grades, at: Standing, tree: Explanation, unknown: int) -> Document:
    """A category among several sites: its grades, and why and by what it would change at the site that has them."""
    found = next(one for one in tree.categories if one.category is category)
    return of_grades(category, grades, unknown) | {
        "gravest_at": of_place(at),
        "reasons": [plain(one) for one in deciding(found)],
        "changes": [plain(one) for one in found.changes],
    }


def of_ranked(standing: Standing, tree: Explanation, unknown: int) -> Document:
    """A site among several, with its grades and what decides each, the category of the highest priority first."""
    order = sorted(standing.grades.items(), key=lambda one: (-one[1].priority(unknown), one[0].value))
    because = {one.category: [reason.says for reason in deciding(one)] for one in tree.categories}
    return of_place(standing) | {
        "categories": [
            of_grades(category, grades, unknown) | {"because": because.get(category, [])} for category, grades in order
        ]
    }


def of_place(standing: Standing) -> Document:
    """A site, by what tells it from others of its name."""
    return given(
        {
            "id": str(standing.site),
            "name": standing.name,
            "country": standing.country,
            "address": standing.address,
            "supplier": str(standing.supplier),
            "supplier_name": standing.supplier_name,
        }
    )


def deciding(category: ExplainedCategory) -> list[ExplainedReason]:
    """The reasons that decide, those that decide most parts first."""
    return sorted((one for one in category.reasons if one.decides), key=lambda one: -len(one.decides))


def gaps_among(standings: Iterable[Standing]) -> list[Document]:
    """What is not known, and of how many of the sites; the commonest first."""
    counts: dict[str, int] = {}
    for one in standings:
        for gap in set(one.gaps):
            counts[gap] = counts.get(gap, 0) + 1
    return [{"gap": gap, "sites": count} for gap, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]


def given(document: Document) -> Document:
    """Without what is not known or empty."""
    return {name: value for name, value in document.items() if value not in (None, [], {})}
