"""Commands about members."""

import asyncio
import json
from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

import typer
from aiokafka.errors import KafkaError

from services.ingest import tables
from services.ingest.commands import departures, keys
from services.ingest.commands.keys import keep_key, show_key
from services.ingest.commands.options import AsJson, console, show_found
from shared.client import CommandError, call, kafka_bootstrap, operator_key
from shared.topics import TopicDiffers, ensure_topics, member_topics


def register(app: typer.Typer) -> None:
    """Add the commands to an application."""
    member = typer.Typer(no_args_is_help=True, help="Members: public buyers, the secretariat, monitoring partners.")
    member.command("add")(add_member)
    member.command("list")(list_members)
    member.command("bind")(bind_member)
    keys.register(member)
    departures.register(member)
    app.add_typer(member, name="member")


BoundBy = Annotated[
    list[str] | None, typer.Option("--bound-by", help="A law that binds the member: transparency-act. Repeatable.")
]


def add_member(
    slug: Annotated[str, typer.Argument(help="Short id for topics and commands: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="Full name.")],
    country: Annotated[str | None, typer.Option(help="ISO 3166 code, such as NO.")] = None,
    kind: Annotated[str, typer.Option(help="buyer, secretariat or partner.")] = "buyer",
    organisation_number: Annotated[
        str | None, typer.Option(help="In the register of its country; notices of other buyers then get a warning.")
    ] = None,
    bound_by: BoundBy = None,
) -> None:
    """Add a member: its topics, its entry, a key for all purposes. It is printed this once. Repeating is harmless.

    Example: engage member add oslo --name "City of Oslo" --country NO --bound-by transparency-act
    """
    refuse_left(slug)
    make_topics(member_topics, slug)
    known = {"country": country, "organisation_number": organisation_number, "bound_by": words_of(bound_by)}
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


def bind_member(
    slug: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's short id.")],
    bound_by: BoundBy = None,
    nothing: Annotated[bool, typer.Option("--nothing", help="No such law binds it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Set which laws bind a member. Those that the Transparency Act binds answer requests and publish an account.

    Example: engage member bind oslo --bound-by transparency-act
    """
    if bool(bound_by) == nothing:
        raise CommandError("Say which laws bind the member: --bound-by transparency-act, or --nothing.")
    order = {"bound_by": words_of(bound_by)}
    answer = call("ingest", "PATCH", f"/members/{quote(slug, safe='')}", operator_key(), json=order)
    if as_json:
        print(json.dumps(answer, indent=2))
        return
    laws = ", ".join(one.replace("_", " ") for one in answer["bound_by"]) or "no law of its own"
    console().print(f"Member {slug} is bound by: {laws}.", markup=False, soft_wrap=True)


def words_of(given: list[str] | None) -> list[str]:
    """Words of a vocabulary as people type them: transparency-act for transparency_act."""
    return [one.replace("-", "_") for one in given or []]


def list_members(as_json: AsJson = False) -> None:
    """List the members. Example: engage member list"""
    found = call("ingest", "GET", "/members", operator_key())
    show_found(found, tables.of_members, as_json)


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
