"""Who may do what in Kafka, as the manifest says it: access rules for a broker that denies what no rule allows.

A rule that allows to read or write a topic also lets its principal see that the topic is there and how many records it
has; nobody else is told either. So the number of testimonies is known to `ingest`, `remedy` and who runs the broker.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from shared.topics import Manifest, Template, Topic

EVERYONE = "*"
"""The principal of a rule that holds for all who have proved who they are, the account for the public among them."""


class Resource(IntEnum):
    """What a rule is about, by the codes of Kafka's protocol."""

    TOPIC = 2
    GROUP = 3


class Pattern(IntEnum):
    """How the name of a rule is meant, by the codes of Kafka's protocol."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """What a rule allows, by the codes of Kafka's protocol. DELETE lets a reader remove what it has consumed."""

    READ = 3
    WRITE = 4
    DELETE = 6


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One access rule: this principal may do this to what bears this name."""

    principal: str
    resource: Resource
    pattern: Pattern
    name: str
    operation: Operation


@dataclass(frozen=True, slots=True)
class Parties:
    """Who takes part: members, the members of each working group, and integrators bound by confidentiality."""

    members: tuple[str, ...] = ()
    workinggroups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    integrators: tuple[str, ...] = ()


def rules(manifest: Manifest, parties: Parties) -> list[Rule]:
    """Every rule that a broker needs for these parties, in a fixed order; what is not among them is denied."""
    found = set[Rule]()
    for template in manifest.templates:
        for value in values_of(template, manifest, parties):
            found |= set(rules_of(template.filled(value), value, manifest, parties))
    principals = (*manifest.services, "operators", "case_handlers", *people(parties))
    return sorted(found | {group_rule(principal) for principal in principals})


def rules_of(topic: Topic, value: str, manifest: Manifest, parties: Parties) -> Iterator[Rule]:
    """The rules of one topic; `value` is the member, working group or service in its name."""
    yield topic_rule(member(value) if topic.publisher == "member" else topic.publisher, topic, Operation.WRITE)
    for reader in topic.readers:
        for principal in principals_of(reader, value, manifest, parties):
            yield topic_rule(principal, topic, Operation.READ)
    if topic.deleted_by:
        yield topic_rule(topic.deleted_by, topic, Operation.DELETE)


def principals_of(reader: str, value: str, manifest: Manifest, parties: Parties) -> list[str]:
    """Who is meant by a reader of the manifest. Raises ValueError for a word that means nobody."""
    if reader in manifest.services or reader in ("operators", "case_handlers"):
        return [reader]
    match reader:
        case "everyone":
            return [EVERYONE]
        case "members":
            return people(parties)
        case "member":
            return [member(value)]
        case "workinggroup":
            return [member(one) for one in parties.workinggroups[value]]
        case unknown:
            raise ValueError(f"{unknown} is no reader that the access rules know")


def values_of(template: Template, manifest: Manifest, parties: Parties) -> Iterable[str]:
    """With what the name of a topic is filled."""
    match template.parameter:
        case "member":
            return parties.members
        case "workinggroup":
            return parties.workinggroups
        case "service":
            return manifest.services
        case _:
            return ("",)


def people(parties: Parties) -> list[str]:
    """The principals of members and integrators."""
    return [*map(member, parties.members), *(f"integrator:{one}" for one in parties.integrators)]


def member(slug: str) -> str:
    """The principal of a member's systems."""
    return f"member:{slug}"


def topic_rule(principal: str, topic: Topic, operation: Operation) -> Rule:
    """A rule about one topic."""
    return Rule(principal, Resource.TOPIC, Pattern.LITERAL, topic.name, operation)


def group_rule(principal: str) -> Rule:
    """A principal reads in consumer groups of its own, named after it with a dot: nobody disturbs another's reading."""
    return Rule(principal, Resource.GROUP, Pattern.PREFIXED, f"{principal.replace(':', '.')}.", Operation.READ)
