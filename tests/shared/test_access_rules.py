"""The access rules of Kafka follow from the manifest: who publishes, who reads, and nothing besides."""

from dataclasses import replace

import pytest
from typer.testing import CliRunner

from services.__main__ import build
from shared.access_rules import EVERYONE, Operation, Parties, Pattern, Resource, Rule, principals_of, rules
from shared.topics import Manifest, manifest

PARTIES = Parties(members=("oslo", "bergen"), workinggroups={"laptops": ("oslo",)}, integrators=("observatory",))


def who(topic: str, operation: Operation, parties: Parties = PARTIES, known: Manifest | None = None) -> set[str]:
    """Who may do something on a topic."""
    found = rules(known or manifest(), parties)
    return {rule.principal for rule in found if (rule.name, rule.operation) == (topic, operation)}


def test_each_topic_has_its_one_publisher_as_its_only_writer() -> None:
    writers: dict[str, set[str]] = {}
    for rule in rules(manifest(), PARTIES):
        if rule.operation is Operation.WRITE:
            writers.setdefault(rule.name, set()).add(rule.principal)

    assert all(len(principals) == 1 for principals in writers.values())
    assert writers["intake.oslo"] == {"member:oslo"}
    assert writers["restricted.testimony"] == {"ingest"}


def test_only_the_case_store_reads_testimony_and_deletes_what_it_has_consumed() -> None:
    assert who("restricted.testimony", Operation.READ) == {"remedy"}
    assert who("restricted.testimony", Operation.DELETE) == {"remedy"}
    assert who("restricted.case", Operation.READ) == {"case_handlers"}


def test_what_members_share_is_read_by_each_member_and_integrator_and_what_is_a_members_own_by_no_other() -> None:
    readers = who("members.risk", Operation.READ)

    assert {"member:oslo", "member:bergen", "integrator:observatory"} <= readers
    assert who("member.oslo.exposure", Operation.READ) == {"notify", "remedy", "member:oslo"}
    assert who("group.laptops.engagement", Operation.READ) == {"ingest", "notify", "member:oslo"}


def test_what_is_public_is_read_by_everybody_who_logs_in() -> None:
    assert who("public.figures", Operation.READ) == {EVERYONE}


def test_nobody_has_a_rule_for_a_group_of_another() -> None:
    groups = [rule for rule in rules(manifest(), PARTIES) if rule.resource is Resource.GROUP]

    assert all(rule.name == f"{rule.principal.replace(':', '.')}." for rule in groups)
    assert all(rule.pattern is Pattern.PREFIXED and rule.operation is Operation.READ for rule in groups)


def test_a_reader_that_the_rules_do_not_know_is_an_error_and_gives_no_rule() -> None:
    known = manifest()
    first = known.templates[0]
    odd = replace(first, topic=replace(first.topic, readers=("anybody",)))

    with pytest.raises(ValueError, match="anybody"):
        rules(replace(known, templates=(odd,)), PARTIES)
    assert principals_of("members", "", known, Parties()) == []


def test_the_command_prints_each_rule_as_arguments_of_kafkas_own_tool() -> None:
    words = ["access", "--member", "oslo", "--group", "laptops=oslo", "--integrator", "observatory"]

    told = CliRunner().invoke(build(["deploy.local.commands"]), words)

    lines = told.output.splitlines()
    own = Parties(("oslo",), {"laptops": ("oslo",)}, ("observatory",))
    assert told.exit_code == 0 and len(lines) == len(rules(manifest(), own))
    assert (
        "--add --allow-principal 'User:member:oslo' --operation Write --topic 'intake.oslo' "
        "--resource-pattern-type literal"
    ) in lines
    assert not any("restricted.testimony" in line and "'User:risk'" in line for line in lines)


def test_a_group_of_members_that_were_not_named_is_refused() -> None:
    told = CliRunner().invoke(build(["deploy.local.commands"]), ["access", "--group", "laptops=oslo"])

    assert told.exit_code == 2


def test_the_rules_come_in_a_fixed_order_and_none_twice() -> None:
    found = rules(manifest(), PARTIES)

    assert found == sorted(set(found))
    assert Rule("ingest", Resource.TOPIC, Pattern.LITERAL, "members.registry", Operation.WRITE) in found
