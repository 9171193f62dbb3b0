"""`engage access`: the access rules of Kafka, as lines that Kafka's own `kafka-acls.sh` takes."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from shared.access_rules import Parties, Rule

MANY = "Give it once for each."


def access(
    member: Annotated[list[str] | None, typer.Option(help=f"A member. {MANY}", metavar="ID")] = None,
    group: Annotated[
        list[str] | None, typer.Option(help=f"A working group and its members. {MANY}", metavar="ID=MEMBER,MEMBER")
    ] = None,
    integrator: Annotated[
        list[str] | None, typer.Option(help=f"An integrator bound by confidentiality. {MANY}", metavar="ID")
    ] = None,
) -> None:
    """Print who may do what in Kafka, as arguments of `kafka-acls.sh`, one rule a line. Changes nothing.

    For a broker of your own with StandardAuthorizer and allow.everyone.if.no.acl.found=false, where each service,
    member and integrator logs in under the name that a rule has. What no line allows is denied, also to be seen.

    Example: `engage access --member oslo --group laptops=oslo --integrator observatory |
    xargs -L 1 kafka-acls.sh --bootstrap-server kafka:9093 --command-config admin.properties`
    """
    from shared.access_rules import rules  # noqa: PLC0415 - the other commands start without a Kafka client
    from shared.topics import manifest  # noqa: PLC0415 - as above

    for rule in rules(manifest(), parties(member or [], group or [], integrator or [])):
        typer.echo(line(rule))


def parties(members: list[str], groups: list[str], integrators: list[str]) -> "Parties":
    """Who takes part, as typed. Raises BadParameter for a group without an equals sign or of an unknown member."""
    from shared.access_rules import Parties  # noqa: PLC0415 - as above

    found: dict[str, tuple[str, ...]] = {}
    for typed in groups:
        name, equals, listed = typed.partition("=")
        found[name] = tuple(one for one in listed.split(",") if one)
        if not equals or not set(found[name]) <= set(members):
            raise typer.BadParameter("A group is given as ID=MEMBER,MEMBER, and each member by --member, too.")
    return Parties(tuple(members), found, tuple(integrators))


def line(rule: "Rule") -> str:
    """One rule as arguments of `kafka-acls.sh`."""
    kind, pattern = rule.resource.name.lower(), rule.pattern.name.lower()
    return (
        f"--add --allow-principal 'User:{rule.principal}' --operation {rule.operation.name.capitalize()} "
        f"--{kind} '{rule.name}' --resource-pattern-type {pattern}"
    )
