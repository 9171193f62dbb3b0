"""A broker that asks who is there and denies what no rule allows, and somebody who tries what they may do there."""

import time
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.admin import (
    AlterConfigsRequest,
    CreateAclsRequest,
    DeleteRecordsRequest,
    DescribeConfigsRequest,
    DescribeGroupsRequest,
)
from aiokafka.protocol.api import Request
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from deploy.local.kafka import Kafka
from shared.access_rules import Parties, Rule, rules
from shared.topics import Manifest, manifest

ADMIN = "admin"
TOPIC_DENIED, GROUP_DENIED, CLUSTER_DENIED = 29, 30, 31
DENIED = frozenset({TOPIC_DENIED, GROUP_DENIED, CLUSTER_DENIED})
"""Kafka's error codes for what a principal may not do."""
ALLOW, ANY_HOST, TOPIC_RESOURCE = 3, "*", 2


def security(user: str) -> dict[str, Any]:
    """What a client needs to log in. In these tests a password is the user's name with a word in front."""
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": user,
        "sasl_plain_password": password(user),
    }


def password(user: str) -> str:
    """The password of a user of the test broker."""
    return f"secret-{user}"


def secured(folder: Path, users: list[str]) -> Kafka:
    """A broker that lets in these users and an administrator, each by password, and denies what no rule allows."""
    accounts = " ".join(f'"user_{user}"="{password(user)}"' for user in (*users, ADMIN))
    login = f'username="{ADMIN}" password="{password(ADMIN)}"'
    jaas = f"org.apache.kafka.common.security.plain.PlainLoginModule required {login} {accounts};"
    broker = Kafka(folder, client=security(ADMIN))
    here, controller = f"127.0.0.1:{broker.port}", f"127.0.0.1:{broker.controller_port}"
    broker.properties = {
        "listeners": f"SASL_PLAINTEXT://{here},CONTROLLER://{controller}",
        "advertised.listeners": f"SASL_PLAINTEXT://{here}",
        "listener.security.protocol.map": "SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "inter.broker.listener.name": "SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": jaas,
        "listener.name.controller.plain.sasl.jaas.config": jaas,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{ADMIN}",
    }
    return broker


async def set_up(bootstrap: str, topics: list[str], parties: Parties, known: Manifest | None = None) -> list[Rule]:
    """Make topics of one partition, and apply the rules of the manifest; the rules."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **security(ADMIN))
    await admin.start()
    await admin.create_topics([NewTopic(name, 1, 1) for name in topics])
    await admin.close()
    wanted = rules(known or manifest(), parties)
    async with Somebody(bootstrap, ADMIN) as somebody:
        for rule in wanted:
            answer = await somebody.ask(
                CreateAclsRequest(
                    rule.resource, rule.name, rule.pattern, f"User:{rule.principal}", ANY_HOST, rule.operation, ALLOW
                )
            )
            assert [code for code, _ in answer.creation_responses] == [0], rule
    return wanted


class Somebody:
    """A principal with a connection. Each attempt is one request of Kafka's protocol; the answer is its error code."""

    def __init__(self, bootstrap: str, user: str) -> None:
        self.user = user
        self.client = AIOKafkaClient(bootstrap_servers=bootstrap, **security(user))

    async def __aenter__(self) -> "Somebody":
        await self.client.bootstrap()
        return self

    async def __aexit__(self, *_details: object) -> None:
        await self.client.close()

    async def ask(self, request: Request[Any]) -> Any:
        """The broker's answer to a request."""
        return await self.client.send(1, request)

    async def tries(self, operation: str, name: str) -> int:
        """The error code of an operation on a topic, or for `group_...` on a consumer group."""
        attempt = getattr(self, f"_{operation}")
        return int(await attempt(name))

    async def _describe(self, topic: str) -> int:
        answer = await self.ask(MetadataRequest([topic], allow_auto_topic_creation=False))
        return int(answer.topics[0][0])

    async def _count(self, topic: str) -> int:
        answer = await self.ask(OffsetRequest(-1, 0, [(topic, [(0, -1)])]))
        return int(answer.topics[0][1][0][1])

    async def _read(self, topic: str) -> int:
        answer = await self.ask(FetchRequest(0, 0, 1024, 0, [(topic, [(0, 0, 1024)])]))
        return int(answer.topics[0][1][0][1])

    async def _write(self, topic: str) -> int:
        batch = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1024)
        batch.append(0, int(time.time() * 1000), b"key", b"invented", [])
        answer = await self.ask(ProduceRequest(None, -1, 5000, [(topic, [(0, bytes(batch.build()))])]))
        return int(answer.topics[0][1][0][1])

    async def _delete(self, topic: str) -> int:
        answer = await self.ask(DeleteRecordsRequest([(topic, [(0, 0)])], 5000))
        return int(answer.topics[0][1][0][2])

    async def _settings(self, topic: str) -> int:
        answer = await self.ask(DescribeConfigsRequest([(TOPIC_RESOURCE, topic, ["retention.ms"])]))
        return int(answer.resources[0][0])

    async def _alter(self, topic: str) -> int:
        change = (TOPIC_RESOURCE, topic, [("retention.ms", "1")])
        answer = await self.ask(AlterConfigsRequest([change], validate_only=True))
        return int(answer.resources[0][0])

    async def _group_describe(self, group: str) -> int:
        answer = await self.ask(DescribeGroupsRequest([group]))
        return int(answer.groups[0][0])

    async def _group_read(self, group: str) -> int:
        return int((await self.ask(HeartbeatRequest(group, 1, "nobody"))).error_code)
