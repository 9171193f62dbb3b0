"""An explanation as lines of text: the gravest first, each number with its reasons and their sources."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.risk.commands.wording import Document, Line, counted, country, difference, graded, listed, placed, words

POINTER = "What is said here points at what to look at, in the words of its sources. It accuses nobody."
BECAUSE, CHANGES, FLAGS, GAPS = 3, 3, 5, 12
"""How many are shown of each; --all shows every one."""
ALL = "--all shows every one."
QUOTED = 110
"""Letters of a reason that is quoted again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How much is shown."""

    everything: bool = False

    def first(self, found: Sequence[Document], most: int) -> Sequence[Document]:
        """The first of these, or all."""
        return found if self.everything else found[:most]

    def rest(self, found: Sequence[Document], most: int, what: str, indent: int) -> Iterator[Line]:
        """Says how many are not shown."""
        if (more := len(found) - most) > 0 and not self.everything:
            yield Line(f"and {more} more{f' {what}' if what else ''}; {ALL}", indent, "faint")


def lines(answer: Document, shown: Shown) -> Iterator[Line]:
    """The lines of an explanation."""
    yield from of_subject(answer)
    yield from of_names(answer.get("names", ()))
    yield from of_near(answer.get("near", ()))
    tree = answer.get("reasons")
    for place, one in enumerate(tree["categories"] if tree else answer.get("categories", ()), 1):
        yield from of_category(place, one, shown)
    if tree:
        yield from of_tree(tree)
    yield from of_sites(answer.get("sites"))
    yield from of_flags(answer.get("flags", ()), shown)
    yield from of_statements(answer.get("statements", ()))
    yield from of_gaps(tree["gaps"] if tree else answer.get("gaps", ()), shown)


def of_subject(answer: Document) -> Iterator[Line]:
    subject = answer["subject"]
    about = subject.get("about", subject)
    name = f"Flag about {words(subject['category'])} at {about['name']}" if about is not subject else subject["name"]
    if (reference := subject.get("reference")) and reference != name:
        name = f"{reference} ({name})"
    yield Line(", ".join(filter(None, (name, about.get("address"), country(about)))), style="head")
    told = [f"{subject['kind']} {subject['id']}" if "id" in subject else subject["kind"]]
    if supplier := about.get("supplier"):
        told.append(f"supplier {supplier.get('name', 'not named')} {supplier['id']}")
    if "disclosures" in about:
        told.append(f"disclosures now: {about['disclosures']}")
    told.append(f"by what {answer['audience']} may know")
    yield Line("; ".join(told) + f"; model {answer['model']}.", 2, "faint")
    if note := answer.get("note"):
        yield Line(note)
    yield Line(POINTER, 0, "faint")


def of_names(names: Iterable[Document]) -> Iterator[Line]:
    for one in names:
        yield Line(f"Name on a list, {one['confidence']} confidence", style="strong")
        yield Line(f"{one['says']} The list has: {one['entry']}; compared: {one['name']}.", 2)
        yield from of_facts([one["fact"]], 4)


def of_near(near: Sequence[Document]) -> Iterator[Line]:
    """Entries of lists that hold what was asked among other words."""
    if near:
        yield Line("Did you mean an entry of a list that has these words?", style="strong")
    for one in near:
        yield Line(f"- {listed(filter(None, (one['entry'], country(one))))}", 2)
        yield Line(f"{one['source']}, edition {one['edition']}", 4, "faint")


def of_category(place: int, one: Document, shown: Shown) -> Iterator[Line]:
    """A category: its grades, what decides them, and what would change them."""
    grades = one.get("grades", one)
    yield Line("")
    yield Line(f"{place}. {words(one['category']).capitalize()}: {graded(grades)}", style="strong")
    if (at := one.get("gravest_at")) and one["reasons"]:
        yield Line(f"the gravest at {placed(at)}", 3, "faint")
    deciding = sorted((reason for reason in one["reasons"] if reason["decides"]), key=lambda one: -len(one["decides"]))
    others = [reason for reason in one["reasons"] if not reason["decides"]]
    if not one["reasons"]:
        yield Line(one.get("finding_because", "Nothing that is known points at it."), 3)
    quoted: list[Document] = []
    for reason in shown.first(deciding, BECAUSE):
        yield from of_reason(reason, f"decides {listed(reason['decides'])}", quoted)
    yield from shown.rest(deciding, BECAUSE, "that decide", 3)
    for reason in others if shown.everything else ():
        yield from of_reason(reason, "decides nothing", quoted)
    if others and not shown.everything:
        yield Line(f"and {counted(len(others), 'more reason')} without effect on the grades; {ALL}", 3, "faint")
    for lowered in one.get("lowered_by", ()):
        yield Line(f"- Lowered: {lowered}.", 3)
    yield from of_changes(one["changes"], shown)


def of_reason(reason: Document, part: str, quoted: list[Document]) -> Iterator[Line]:
    """A reason and the rows that it rests on, without those that were `quoted` before."""
    yield Line(f"- {reason['says']} [{part}]", 3)
    yield from of_facts([fact for fact in reason["facts"] if fact not in quoted], 7)
    quoted += reason["facts"]


def of_facts(facts: Iterable[Document], indent: int) -> Iterator[Line]:
    """Rows of lists, with their edition and terms."""
    for fact in facts:
        licence = f" ({fact['licence']})" if fact.get("licence") else ""
        yield Line(f"{fact['source']}, edition {fact['edition']}{licence}: {fact['text']}", indent, "faint")


def of_changes(changes: Sequence[Document], shown: Shown) -> Iterator[Line]:
    if not changes:
        return
    yield Line("What would change this:", 3)
    for one in shown.first(changes, CHANGES):
        what = textwrap.shorten(one["what"].rstrip("."), QUOTED, placeholder=" …")
        how = {"without": f"without “{what}”", "if_known": f"if the gap “{what}” were filled, at most"}
        yield Line(f"- {how.get(one['how'], what)}: {difference(one['before'], one['after'])}", 3)
    yield from shown.rest(changes, CHANGES, "", 3)


def of_tree(tree: Document) -> Iterator[Line]:
    """What a single site has beside its categories: instruments, forced-labour indicators, who speaks for workers."""
    yield Line("")
    for finding in ("indicated", "not_listed", "unknown"):
        if found := [one["instrument"] for one in tree["instruments"] if one["finding"] == finding]:
            yield Line(f"ILO instruments, {words(finding)}: {listed(found)}")
    if found := [words(one["indicator"]) for one in tree["forced_labour"]]:
        yield Line(f"ILO indicators of forced labour that something points at: {listed(found)}")
    yield Line("Workers' representation and grievance mechanisms", style="strong")
    for one in tree["claims"]:
        mechanisms = listed(one["grievance_mechanisms"]) or "none named"
        agreement = {None: "unknown", True: "yes", False: "no"}[one["collective_agreement"]]
        yield Line(
            f"- {words(one['representation'])}, by {one['source']}; collective agreement: {agreement}; "
            f"grievance mechanisms: {mechanisms}. {one['counts']}",
            2,
        )
    if not tree["claims"]:
        yield Line("No source says anything of them.", 2)
    audits = sum(report["source_class"] == "audit" for flag in tree["flags"] for report in flag["reports"])
    yield Line(f"Audits: {counted(audits, 'report') + ' with findings' if audits else 'none known'}.", 2)


def of_sites(sites: Document | None) -> Iterator[Line]:
    if sites is None:
        return
    yield Line("")
    yield Line(f"Sites: {sites['count']}, those that deserve attention first", style="strong")
    for place, one in enumerate(sites["ranked"], 1):
        yield Line(f"{place}. {placed(one)}", 2)
        first = one["categories"][0]
        yield Line(f"{words(first['category'])}: {graded(first)}", 5)
        for says in first["because"][:1]:
            yield Line(f"- {says}", 5)
    if sites["more"]:
        yield Line(f"and {sites['more']} more; --sites 50 shows more of them.", 2, "faint")


def of_flags(flags: Sequence[Document], shown: Shown) -> Iterator[Line]:
    """Flags with their state, what was reported, what the company replied, and how many they touch."""
    if not flags:
        return
    yield Line("")
    yield Line(f"Flags that people raised: {len(flags)}", style="strong")
    for one in shown.first(flags, FLAGS):
        late = "; overdue" if one.get("overdue") else ""
        yield Line(f"- {words(one['category'])}: {one['state']}{late}; severity {one['severity']} ({one['id']})", 2)
        if "more_reports" in one:
            yield Line(f"{one['more_reports']} older reports are not shown.", 4, "faint")
        if "taken_back" in one:
            yield Line(f"{counted(one['taken_back'], 'report')} taken back by whoever sent it.", 4, "faint")
        for report in one.get("reports", ()):
            told = report.get("headline", "no headline")
            coded = f"; clause: {report['clause']}" if "clause" in report else ""
            yield Line(f"- {report['source']}, {report['actuality']}: {told}{coded}", 4)
            for uri in report.get("evidence", ()):
                yield Line(f"evidence: {uri}", 6, "faint")
            for reply in report.get("replies", ()):
                yield from of_reply(reply)
        yield Line(touching(one), 4)
    yield from shown.rest(flags, FLAGS, "", 2)


def of_reply(reply: Document) -> Iterator[Line]:
    yield Line(f"Reply of the {words(reply['speaker'])}, {reply['said_on']}: {words(reply['stance'])}", 6)
    if "statement" in reply:
        yield Line(f"its statement: {reply['statement']}", 8, "faint")


def touching(flag: Document) -> str:
    """Whom a flag touches, in counts."""
    found = flag["touches"]
    contracts = "" if found["contracts"] is None else f" with {counted(found['contracts'], 'contract')}"
    parts = [f"touches {counted(found['buyers'], 'buyer')}{contracts}"]
    if found["workinggroups"]:
        parts.append(f"working groups: {listed(found['workinggroups'])}")
    parts += [f"about {amount} {currency} together" for currency, amount in found["values"].items()]
    if "own_contracts" in flag:
        parts.append(f"of yours: {flag['own_contracts']}")
    return "; ".join(parts) + "."


def of_statements(statements: Sequence[Document]) -> Iterator[Line]:
    if not statements:
        return
    yield Line("")
    yield Line("Released of testimony about the supplier; there is no more to know here", style="strong")
    for one in statements:
        yield Line(f"- {one['says']}", 2)


def of_gaps(gaps: Sequence[Document], shown: Shown) -> Iterator[Line]:
    """What is not known: never "no risk"."""
    if not gaps:
        return
    yield Line("")
    yield Line("Not known (unknown is not the same as no risk)", style="strong")
    for one in shown.first(gaps, GAPS):
        why = one["why"] if "why" in one else f"at {counted(one['sites'], 'site')}."
        yield Line(f"- {one.get('label', one.get('gap'))}: {why}", 2)
    yield from shown.rest(gaps, GAPS, "", 2)
