"""A filled-in letter for each template, about invented places only: for `engage mail preview` and the tests."""

from datetime import UTC, date, datetime
from uuid import UUID

from services.notify.letters import Digest, Group, Letter, RestrictedMatter, SeriousFlag, SupplierChange, Template
from shared.events.remedy.words import MailKind
from shared.events.values import SeverityParts
from shared.events.vocabulary import Category, Instrument, SourceClass

UNTIL = datetime(2027, 3, 2, tzinfo=UTC)


def example(template: Template) -> Letter:
    """The example of a template."""
    match template:
        case Template.FLAG_SERIOUS:
            return serious_flag()
        case Template.DIGEST:
            return digest()
        case _:
            kind = MailKind(template.removeprefix("restricted_"))
            return RestrictedMatter(reference="R-7QK2-M4WX-9TBD", kind=kind, due=date(2027, 3, 9))


def serious_flag() -> SeriousFlag:
    return SeriousFlag(
        flag=UUID("0195f0a2-7c1e-7d3b-9a44-5b1c2d3e4f50"),
        supplier="Example Electronics",
        category=Category.FORCED_LABOUR,
        severity=5,
        parts=SeverityParts(scale=5, scope=4, irremediability=3),
        source=SourceClass.MEDIA,
        site=UUID("0195f0a2-7c1e-7d3b-9a44-aaaaaaaaaaaa"),
        site_name="Example Electronics Plant 2",
        country="MY",
        instruments=(Instrument.C029, Instrument.P029),
        headline="Migrant workers at Example Electronics say that their passports are kept",
        evidence=("https://news.example/2027/03/example-electronics",),
    )


def digest() -> Digest:
    plants = tuple(f"Example Electronics Plant {n} (Example Electronics)" for n in range(1, 21))
    reason = "Example Electronics, forced labour: a serious flag was opened about one of its sites."
    flag = "Example Circuits Works (Example Circuits), severity 3 of 5, source: audit"
    objective = "Example Components, freedom of association: agree on access for the union to two sites."
    return Digest(
        since=datetime(2027, 3, 1, tzinfo=UTC),
        until=UNTIL,
        proposed=(Group(heading="group apple", total=1, names=(reason,)),),
        flagged=(Group(heading="safety and health", total=1, names=(flag,)),),
        opened=(Group(heading="group foa-cb", total=1, names=(objective,)),),
        raised=(
            Group(heading="forced labour, Malaysia", total=64, names=plants),
            Group(heading="child labour, Malaysia", total=2, names=plants[:2]),
        ),
        withdrawn=(Group(heading="the site is no longer disclosed", total=7),),
        suppliers=(
            SupplierChange(supplier="Example Electronics", added=61, gone=7),
            SupplierChange(supplier="Example Circuits", added=3, not_disclosed=1),
        ),
        added=64,
        gone=7,
        not_disclosed=1,
    )
