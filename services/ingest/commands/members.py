"""Commands about members and working groups."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from services.ingest import tables
from services.ingest.commands import departures, keys
from services.ingest.commands.keys import keep_key, show_key
from services.ingest.commands.options import AsJson, console, show_found
from services.ingest.tables import counted
from shared.client import CommandError, call, kafka_bootstrap, operator_key
from shared.topics import TopicDiffers, ensure_topics, member_topics, workinggroup_topics


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    member = typer.Typer(no_args_is_help=True, help="Members: public buyers, the secretariat, monitoring partners.")
    member.command("add")(add_member)
    member.command("list")(list_members)
    keys.register(member)
    departures.register(member)
    group = typer.Typer(no_args_is_help=True, help="Working groups: members that speak with the same suppliers.")
    group.command("add")(add_group)
    app.add_typer(member, name="member")
    app.add_typer(group, name="group")


def add_member(
    slug: Annotated[str, typer.Argument(help="Short id for topics and commands: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="Full name.")],
    country: Annotated[str | None, typer.Option(help="ISO 3166 code, such as NO.")] = None,
    kind: Annotated[str, typer.Option(help="buyer, secretariat or partner.")] = "buyer",
    organisation_number: Annotated[
        str | None, typer.Option(help="In the register of its country; notices of other buyers then get a warning.")
    ] = None,
) -> None:
    """Add a member: its topics, its entry, a key for all purposes. It is printed this once. Repeating is harmless.

    Example: engage member add oslo --name "City of Oslo" --country NO
    """
    refuse_left(slug)
    make_topics(member_topics, slug)
    known = {"country": country, "organisation_number": organisation_number}
    order = {"member": slug, "name": name, "kind": kind} | {word: said for word, said in known.items() if said}
    answer = call("ingest", "POST", "/members", operator_key(), json=order)
    if key := answer.get("key"):
        show_key(f"Member {slug} is registered. Its key, shown this once:", key, keep_key(slug, key))
    else:
        console().print(
            f"Member {slug} is registered; it keeps the keys that it has. A further one: engage member key add {slug}",
            markup=False,
            soft_wrap=True,
        )


def refuse_left(slug: str) -> None:
    """Raises CommandError where a member of this id has left: no topic is made for it again."""
    for one in call("ingest", "GET", "/members", operator_key()):
        if one["member"] == slug and one["left"]:
            raise CommandError(
                f"{slug} left on {one['left'][:10]}; its id is not given again (member_left). Choose another."
            )


def list_members(as_json: AsJson = False) -> None:
    """List the members. Example: engage member list"""
    found = call("ingest", "GET", "/members", operator_key())
    show_found(found, tables.of_members, as_json)


def add_group(
    slug: Annotated[str, typer.Argument(help="Short id for topics and commands: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="Full name.")],
    purpose: Annotated[str, typer.Option(help="What the group is for, in one sentence.")],
    secretariat: Annotated[str, typer.Option(help="The member that keeps the group's secretariat.")],
    category: Annotated[list[str] | None, typer.Option(help="ILO category, such as forced_labour. Repeatable.")] = None,
    supplier: Annotated[list[str] | None, typer.Option(help="Name of a supplier. Repeatable.")] = None,
    member: Annotated[list[str] | None, typer.Option(help="SLUG or SLUG:lead|collaborating|supporting.")] = None,
) -> None:
    """Establish a working group: its topics and its entry. Repeating is harmless.

    Example: engage group add batteries --name "Batteries" --purpose "Cobalt in batteries" --secretariat watch
    --category child_labour --supplier "Example Electronics" --member oslo:lead --member dfo
    """
    make_topics(workinggroup_topics, slug)
    order = {
        "workinggroup": slug,
        "name": name,
        "purpose": purpose,
        "secretariat": secretariat,
        "categories": category or [],
        "suppliers": supplier or [],
        "members": [role_of(one) for one in member or []],
    }
    answer = call("ingest", "POST", "/workinggroups", operator_key(), json=order)
    size = f"{counted(len(member or []), 'member')}, {counted(len(answer['suppliers']), 'supplier')}"
    console().print(f"Working group {slug} is established: {size}.", markup=False, soft_wrap=True)


def make_topics(names_of: Callable[[str], list[str]], slug: str) -> None:
    """Make the topics of a member or group before anything is published to them. Raises CommandError."""
    bootstrap = kafka_bootstrap()
    try:
        asyncio.run(ensure_topics(bootstrap, names_of(slug)))
    except ValueError as error:
        raise CommandError(f"This id cannot be used: {error}.") from None
    except TopicDiffers as error:
        raise CommandError(str(error)) from None
    except (KafkaError, TimeoutError) as error:
        raise CommandError(
            f"Kafka at {bootstrap} does not answer ({type(error).__name__}). Try 'engage status'."
        ) from None


def role_of(text: str) -> dict[str, str]:
    """`SLUG` or `SLUG:ROLE` as the service reads it."""
    slug, colon, role = text.partition(":")
    return {"member": slug, "role": role} if colon else {"member": slug}
