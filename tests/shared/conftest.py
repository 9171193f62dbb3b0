"""What the spine's tests share: the schemas of two services that hold nothing but the spine and its effects."""

import pytest

from tests.conftest import EmptySchema, Schema
from tests.shared.chain import Member, create_effect_table, create_topics, new_member


@pytest.fixture
async def first(empty_schema: EmptySchema) -> Schema:
    """The schema of the first service of the chain."""
    schema = await empty_schema("upstream")
    await create_effect_table(schema.operator_dsn, "upstream")
    return schema


@pytest.fixture
async def second(empty_schema: EmptySchema) -> Schema:
    """The schema of the second service of the chain."""
    schema = await empty_schema("downstream")
    await create_effect_table(schema.operator_dsn, "downstream")
    return schema


@pytest.fixture(scope="session")
async def dead_letter_topics(kafka: str) -> None:
    """The dead-letter topics of these services; the manifest knows only those of the real ones."""
    await create_topics(kafka, ["dead-letter.upstream", "dead-letter.downstream"], max_message_bytes="2097152")


@pytest.fixture
async def member(kafka: str, dead_letter_topics: None) -> Member:
    """A member with topics of its own."""
    return await new_member(kafka)
