"""What is JSON of the right form and still cannot be: rules of the domain, and the same event again."""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from shared.sealing import encode
from tests.corpus.cases import ACCEPTED, BOTH, CANARY, refused
from tests.corpus.events import FLAG, SITE, event, flag, flag_with, good
from tests.corpus.making.syntax import Made

NOBODY = "0b8f7a3e-53f7-4d0c-9d5f-0d6c1f5b7a64"
DISCLOSURE: dict[str, Any] = {
    "supplier": {"name": "Example Electronics Ltd"},
    "site": SITE,
    "list": {"source": "example-list", "edition": "2026"},
}
CONTRACT: dict[str, Any] = {"reference": "C-$ID", "level": "call_off", "supplier": {"name": "Example Electronics Ltd"}}
PROOF = {"asked_on": "2026-01-02", "asked_company": "Example Components", "answer": "refused"}
MISSING = {"missing": "sites", "reason": "supplier_refuses", "requests": [PROOF]}


def bad(kind: str, data: Any, *objections: tuple[str, str]) -> Made:
    return BOTH, {"event": event(kind, data)}, refused(*objections) if objections else ACCEPTED


def domain(_draw: random.Random) -> Iterator[Made]:
    yield from disclosures()
    yield from contracts()
    yield from testimony()
    yield from follow_ups()
    for submission in (NOBODY, CANARY, "another"):
        data = {"submission": submission, "reason": "sent_by_mistake"}
        yield bad("submission.withdrawn.v1", data, ("submission_unknown", "/data/submission"))


def disclosures() -> Iterator[Made]:
    kind, whole = "disclosure.submitted.v1", ("site_or_not_disclosed", "/data")
    yield bad(kind, DISCLOSURE)
    yield bad(kind, DISCLOSURE | {"not_disclosed": MISSING}, whole)
    yield bad(kind, {name: value for name, value in DISCLOSURE.items() if name != "site"}, whole)
    yield bad(kind, {**DISCLOSURE, "site": None, "not_disclosed": MISSING})
    unproven = ("too_short", "/data/not_disclosed/requests")
    yield bad(kind, {**DISCLOSURE, "site": None, "not_disclosed": MISSING | {"requests": []}}, unproven)
    late = {"requests": [PROOF | {"answered_on": "2026-01-01"}]}
    order = ("answered_before_asked", "/data/not_disclosed/requests/0/answered_on")
    yield bad(kind, {**DISCLOSURE, "site": None, "not_disclosed": MISSING | late}, order)
    model = ("product_model_missing", "/data/product/model")
    yield bad(kind, DISCLOSURE | {"scope": "product"}, model)
    yield bad(kind, DISCLOSURE | {"scope": "product", "product": {"manufacturer": "Example"}}, model)
    for country in ("XX", "ZZ", "AA", "EU"):
        place = ("country_unknown", "/data/site/country")
        yield bad(kind, DISCLOSURE | {"site": SITE | {"country": country}}, place)
    for country in ("no", "NOR", "N", "", "N1", "Norway"):
        place = ("string_pattern_mismatch", "/data/site/country")
        yield bad(kind, DISCLOSURE | {"site": SITE | {"country": country}}, place)
    unknown = ("country_unknown", "/data/supplier/country")
    yield bad(kind, DISCLOSURE | {"supplier": {"name": "Example", "country": "XX"}}, unknown)
    for uri in ("https://user:secret@example.org/x", "javascript:alert(1)", "file:///etc/passwd", "https://a b", "//x"):
        evidence = [{"uri": uri, "sha256": "0" * 64, "media_type": "application/pdf"}]
        yield bad(kind, DISCLOSURE | {"evidence": evidence}, ("string_pattern_mismatch", "/data/evidence/0/uri"))
    workers = SITE | {"workers": {"minimum": 10, "maximum": 9}}
    yield bad(kind, DISCLOSURE | {"site": workers}, ("maximum_below_minimum", "/data/site/workers/maximum"))
    for latitude in (90.001, -91, 1e308):
        code = "less_than_equal" if latitude > 0 else "greater_than_equal"
        yield bad(kind, DISCLOSURE | {"site": SITE | {"latitude": latitude}}, (code, "/data/site/latitude"))


def contracts() -> Iterator[Made]:
    kind = "contract.registered.v1"
    yield bad(kind, CONTRACT)
    yield bad(kind, CONTRACT | {"starts": "2026-02-01", "ends": "2026-01-31"}, ("ends_before_start", "/data/ends"))
    yield bad(kind, CONTRACT | {"parent_member": "somebody"}, ("parent_missing", "/data/parent"))
    yield bad(kind, CONTRACT | {"end_users": ["Not A Slug"]}, ("string_pattern_mismatch", "/data/end_users/0"))
    yield bad(kind, CONTRACT | {"end_users": ["a"] * 1001}, ("too_long", "/data/end_users"))
    for day in ("0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "2026-02-30", "15.01.2026", "2026-W03-4"):
        yield bad(kind, CONTRACT | {"starts": day}, ("day_invalid", "/data/starts"))
    asked = {"supplier": {"name": "Example"}, "wanted": "sites", "asked_on": "2026-01-15", "due": "2026-01-14"}
    yield bad("disclosure.requested.v1", asked, ("due_before_asked", "/data/due"))


def testimony() -> Iterator[Made]:
    """What comes from workers is sealed by its sender, or refused."""
    for source in ("worker", "union", "monitoring_partner"):
        yield BOTH, {"event": flag_with(source_class=source)}, refused(("unsealed", "/data/source_class"))
        more = event("flag.raised.v1", FLAG | {"source_class": source, "narrative": CANARY})
        yield BOTH, {"event": more}, refused(("unsealed", "/data/source_class"))
    for plain in (b"plain words", CANARY.encode(), bytes(4096), bytes(4096 + 47), bytes(16384)):
        box = {"kind": "grievance", "key": "k", "sealed": encode(plain)}
        yield bad("testimony.submitted.v1", box, ("not_sealed", "/data/sealed"))
    for field in ("narrative", "site", "supplier", "member", "sender", "contact", "language"):
        box = good("testimony.submitted.v1")["data"] | {field: CANARY}
        yield bad("testimony.submitted.v1", box, ("unsealed", "/data"))
    for sealed in ("", "AAA", CANARY + "!", "AAAA\u00e9"):
        code = "string_too_short" if len(sealed) < 4 else "string_pattern_mismatch"
        box = {"kind": "grievance", "key": "k", "sealed": sealed}
        yield bad("testimony.submitted.v1", box, (code, "/data/sealed"))
    for source in ("audit", "supplier"):
        yield BOTH, {"event": flag_with(source_class=source)}, refused(("headline_not_allowed", "/data/headline"))


def follow_ups() -> Iterator[Made]:
    """A step is with a flag that was reported, for a reason where one is due, and never on the workers' side's word."""
    kind, step = "flag.followed-up.v1", good("flag.followed-up.v1")["data"]
    unexplained = ("reason_required", "/data/reason")
    for report in (NOBODY, str(UUID(int=0)), str(UUID(int=2**128 - 1))):
        yield bad(kind, step | {"report": report}, ("report_unknown", "/data/report"))
    for source in ("worker", "union", "monitoring_partner"):
        yield bad(kind, step | {"basis": source}, ("unsealed", "/data/basis"))
    for state in ("dismissed", "reopened"):
        without = {name: value for name, value in step.items() if name != "reason"}
        yield bad(kind, without | {"state": state}, unexplained)
    yield bad(kind, step | {"state": "raised"}, ("state_not_reportable", "/data/state"))
    yield bad(kind, step | {"decided_on": "2199-12-31"}, ("day_in_future", "/data/decided_on"))
    for field in ("comment", "supplier", "flag"):
        yield bad(kind, step | {field: CANARY}, ("extra_forbidden", "/data"))
    for field in ("narrative", "identity", "contact", "contributor", "place", "attachments", "receipt"):
        yield bad(kind, step | {field: CANARY}, ("unsealed", "/data"))


def idempotency(_draw: random.Random) -> Iterator[Made]:
    """The same event again is known, in every mode and at every door; another under its id is not it."""
    one, other = flag(), flag_with(headline=f"Another {CANARY}")
    box, another_box = good("testimony.submitted.v1"), good("testimony.submitted.v1")
    another_box["data"]["kind"] = "flag" if box["data"]["kind"] != "flag" else "grievance"
    same_said_otherwise = (
        dict(reversed(one.items())),
        one | {"datacontenttype": "application/json"},
        one | {"subject": None},
    )
    said_anew = (
        other,
        one | {"time": "2026-01-15T09:00:01Z"},
        one | {"subject": "x"},
        flag_with(category="child_labour"),
        event("contract.ended.v1", {"reference": "x", "ended_on": "2026-01-15", "reason": "expired"}),
    )
    for again in (one, *same_said_otherwise):
        yield sends([("http", one), ("http", again)], ["accepted", "duplicate"])
        yield sends([("http", one), ("binary", one), ("http", again)], ["accepted", "duplicate", "duplicate"])
    for again in said_anew:
        yield sends([("http", one), ("http", again)], ["accepted", "id_reused"])
        yield sends([("binary", one), ("binary", again)], ["accepted", "id_reused"])
    yield sends([("http", box), ("binary", box), ("http", another_box)], ["accepted", "duplicate", "id_reused"])
    yield sends([("http", one | {"id": 7}), ("http", one)], ["id_invalid", "accepted"])
    yield sends([("http", flag_with(category=CANARY)), ("http", one)], ["value_error", "accepted"])
    yield sends([("http", one), ("http", one | {"source": "urn:example:other"})], ["accepted", "accepted"])
    yield sends([("http", one), ("other", one)], ["accepted", "accepted"])
    yield sends(
        [("http", one), ("http", flag_with(category=CANARY)), ("http", one)], ["accepted", "value_error", "duplicate"]
    )


def sends(steps: list[tuple[str, Any]], expected: list[str]) -> Made:
    return ("http",), {"sends": [{"by": by, "event": sent} for by, sent in steps]}, {"outcomes": expected}
