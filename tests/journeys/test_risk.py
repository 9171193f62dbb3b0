"""From a row of a list to an indicator with its evidence, and from a report to a mail and a proposal."""

import re
from pathlib import Path
from typing import Any

from tests.journeys import topics
from tests.journeys.conftest import GOODS_SOURCE, SECRETARIAT, NewMember
from tests.journeys.door import Door, flag
from tests.journeys.mailbox import mails, wait_for_mail
from tests.journeys.test_lists import import_list, write_list
from tests.live_stack import LiveStack

ACCUSING = re.compile(
    r"\b(violat|guilty|breach|abus|exploit|offend|illegal|perpetrat|employ|uses (forced|child))",
    re.IGNORECASE,
)


async def of_supplier(stack: LiveStack, topic: str, words: str) -> list[tuple[str, dict[str, Any]]]:
    """Type and data of the events of a topic that name a supplier."""
    found = await topics.events(stack.status()["kafka"]["bootstrap"], topic)
    return [(e.type, e.data) for e in found if words in str(e.data)]


async def test_a_row_whose_country_and_good_are_on_the_list_leads_to_an_indicator_and_into_the_digest(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    listed, unlisted = f"Example Listed {fresh}", f"Example Unlisted {fresh}"
    rows = [("China", listed, "1 Sample Road"), ("NO", unlisted, "2 Sample Road")]

    import_list(stack, new_member(), write_list(tmp_path / "list.csv", rows), "2025")
    stack.settled()

    indicators = [data for kind, data in await of_supplier(stack, "members.risk", fresh) if "indicator" in kind]
    assert sorted(str(data["category"]) for data in indicators) == ["child_labour", "forced_labour"]
    for data in indicators:
        assert data["site_name"] == listed
        assert "says nothing about this site itself" in str(data["statement"])
        assert not ACCUSING.search(str(data["statement"]))
        evidence = data["evidence"]
        assert isinstance(evidence, list)
        assert [(fact["source"], fact["edition"]) for fact in evidence] == [(GOODS_SOURCE, "2022")]
        assert "Electronics" in evidence[0]["text"] and "China" in evidence[0]["text"]
    digest = wait_for_mail(stack, lambda mail: "digest" in mail.subject and f"- {listed} " in mail.body)
    assert "it accuses nobody" in digest.body
    assert not ACCUSING.search(digest.text) and not ACCUSING.search(digest.html)
    assert f"- {unlisted}" not in digest.body


async def test_what_no_list_covers_is_unknown_and_a_site_can_be_explained(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    name = f"Example Listed {fresh}"
    import_list(stack, new_member(), write_list(tmp_path / "list.csv", [("MY", name, "1 Sample Road")]), "2025")
    stack.settled()
    site = next(data["site"] for _, data in await of_supplier(stack, "members.risk", name) if "indicator" in data)

    found = stack.json("risk", "explain", str(site))["reasons"]

    findings = {one["category"]: one["grades"]["finding"] for one in found["categories"]}
    assert findings["forced_labour"] == "indicated"
    assert findings["child_labour"] == "not_listed"
    assert findings["freedom_of_association"] == "unknown"
    assert {fact["source"] for one in found["categories"] for fact in facts_of(one)} == {GOODS_SOURCE}
    shown = stack.engage("risk", "explain", name)
    assert "unknown is not the same as no risk" in shown and "What would change this" in shown
    assert not ACCUSING.search(shown.replace("accuses nobody", ""))
    assert stack.engage("risk", "explain", str(site), "--json") == stack.engage("risk", "explain", str(site), "--json")


def facts_of(category: dict[str, Any]) -> list[dict[str, Any]]:
    """The facts on which the grades of a category rest."""
    return [fact for reason in category["reasons"] for fact in reason["facts"]]


async def test_a_site_that_is_gone_takes_its_indicators_with_it(
    stack: LiveStack, new_member: NewMember, fresh: str, tmp_path: Path
) -> None:
    member, gone, stays = new_member(), f"Example Gone {fresh}", f"Example Stays {fresh}"
    rows = [("MY", gone, "1 Sample Road"), ("MY", stays, "2 Sample Road")]

    import_list(stack, member, write_list(tmp_path / "list.csv", rows), "2024")
    import_list(stack, member, write_list(tmp_path / "list.csv", rows[1:]), "2025")
    stack.settled()

    raised = {
        d["indicator"]: d["site_name"] for _, d in await of_supplier(stack, "members.risk", fresh) if "evidence" in d
    }
    ended = await of_supplier(stack, "members.risk", "site_gone")
    assert sorted(map(str, raised.values())) == sorted([gone, stays])
    assert [raised[data["indicator"]] for _, data in ended if data["indicator"] in raised] == [gone]


async def test_a_serious_flag_of_a_media_source_is_mailed_at_once_and_once_and_proposed_to_its_group(
    stack: LiveStack, new_member: NewMember, fresh: str
) -> None:
    member, supplier, group = new_member(), f"Example Flagged {fresh}", f"group-{fresh}"
    words = ("--name", "Example group", "--purpose", "Engage one supplier together", "--secretariat", member.member)
    cause = ("--cause", "compliance-concern", "--why", "A report names the supplier.")
    stack.engage("group", "add", group, *words, *cause, "--supplier", supplier, "--member", f"{member.member}:lead")

    report = flag(supplier)
    assert [answer["outcome"] for answer in member.send(report, report)] == ["accepted", "duplicate"]
    mail = wait_for_mail(stack, lambda mail: "serious" in mail.subject and supplier in mail.body)
    stack.settled()

    assert mail.to == SECRETARIAT
    assert supplier not in mail.subject and "not a finding" in mail.body
    about = [one for one in mails(stack) if "serious" in one.subject and supplier in one.body]
    assert len(about) == 1
    proposed = await of_supplier(stack, f"group.{group}.engagement", supplier)
    assert [kind for kind, _ in proposed] == ["engagement.proposed.v1"]
    assert proposed[0][1]["category"] == "freedom_of_association"
    assert not ACCUSING.search(str(proposed[0][1]["reason"]))


def test_a_flag_that_is_not_serious_or_not_published_waits_for_the_digest(
    stack: LiveStack, member: Door, fresh: str
) -> None:
    mild = flag(f"Example Mild {fresh}", severity={"scale": 2, "scope": 2, "irremediability": 3})
    audit = flag(f"Example Audited {fresh}", source_class="audit")
    del audit["data"]["headline"]

    member.send(mild, audit)

    wait_for_mail(stack, lambda mail: "digest" in mail.subject and f"Example Mild {fresh}" in mail.body)
    wait_for_mail(stack, lambda mail: "digest" in mail.subject and f"Example Audited {fresh}" in mail.body)
    assert not [mail for mail in mails(stack) if "serious" in mail.subject and fresh in mail.body]
