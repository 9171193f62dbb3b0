"""What people wrote is sealed under keys of its case that lie in a database of their own, and can be destroyed."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from services.remedy.office import Office
from services.remedy.rewrapping import clear_remains, rewrap
from services.remedy.store.keys import CaseKey
from services.remedy.vault import KeyLost, Part, Sealed, Vault, Writing, context_of, key_of
from services.remedy.wrapping import KeysFromSettings
from shared.events.remedy.words import Erased
from shared.sealing import SIZE_CLASSES
from shared.service import Runtime
from tests.conftest import Schema
from tests.remedy.given import SETTINGS

TOLD = Writing(Part.NARRATIVE, b"The wages of two months are missing.")
WHO = Writing(Part.IDENTITY, "Invented Person, Beispielstraße 7".encode())


@pytest.fixture
async def case(office: Office) -> UUID:
    """A case that has its keys."""
    case = uuid4()
    await office.vault.make_keys([case])
    return case


async def kinds_of(keys: Schema, case: UUID) -> set[str]:
    return {row["kind"] for row in await keys.rows("SELECT kind FROM case_key WHERE case_id = $1", case)}


async def test_what_is_sealed_opens_again_in_the_same_order(office: Office, case: UUID) -> None:
    writings = [TOLD, WHO, Writing(Part.ATTACHMENT, bytes(range(256)) * 2000), Writing(Part.NOTE, b"", uuid4())]

    sealed = await office.vault.seal(case, writings)

    assert await office.vault.open(sealed) == [writing.text for writing in writings]
    assert await office.vault.open(sealed[::-1]) == [writing.text for writing in writings[::-1]]
    assert len({one.id for one in sealed}) == 4
    assert not any(b"wages" in one.ciphertext or b"Beispiel" in one.ciphertext for one in sealed)


async def test_several_cases_are_opened_at_once_each_with_its_own_key(office: Office) -> None:
    one, other = uuid4(), uuid4()
    await office.vault.make_keys([one, other])

    sealed = [*await office.vault.seal(one, [TOLD, WHO]), *await office.vault.seal(other, [WHO])]

    assert await office.vault.open(sealed) == [TOLD.text, WHO.text, WHO.text]


async def test_the_length_of_a_ciphertext_shows_its_class_of_sizes_only(office: Office, case: UUID) -> None:
    lengths = [0, 1, SIZE_CLASSES[0] - 4, SIZE_CLASSES[0] - 3, 50_000, SIZE_CLASSES[-1] - 3, 300_000]

    sealed = await office.vault.seal(case, [Writing(Part.NARRATIVE, bytes(length)) for length in lengths])

    overhead = 1 + 12 + 16
    classes = [4, 4, 4, 16, 64, 256, 384]
    assert [len(one.ciphertext) - overhead for one in sealed] == [1024 * size for size in classes]


def moved(sealed: Sealed) -> list[Sealed]:
    """A ciphertext put where another would be: of another piece, part or item; or altered."""
    flipped = sealed.ciphertext[:-1] + bytes([sealed.ciphertext[-1] ^ 1])
    return [
        replace(sealed, id=uuid4()),
        replace(sealed, part=Part.MESSAGE_OUT),
        replace(sealed, item=uuid4()),
        replace(sealed, ciphertext=flipped),
        replace(sealed, ciphertext=b"\x02" + sealed.ciphertext[1:]),
        replace(sealed, ciphertext=sealed.ciphertext[:20]),
        replace(sealed, ciphertext=b""),
    ]


async def test_a_ciphertext_opens_only_where_it_belongs(office: Office, case: UUID) -> None:
    (sealed,) = await office.vault.seal(case, [TOLD])
    stranger = uuid4()
    await office.vault.make_keys([stranger])

    for one in [*moved(sealed), replace(sealed, case=stranger)]:
        with pytest.raises(KeyLost):
            await office.vault.open([one])


async def test_ciphertexts_of_two_pieces_cannot_be_exchanged(office: Office, case: UUID) -> None:
    one, other = await office.vault.seal(case, [TOLD, replace(TOLD, text=b"Nothing happened.")])

    with pytest.raises(KeyLost):
        await office.vault.open([replace(one, ciphertext=other.ciphertext)])


async def test_wrapped_keys_of_two_cases_cannot_be_exchanged(office: Office, keys: Schema, case: UUID) -> None:
    sealed = await office.vault.seal(case, [TOLD])
    other = uuid4()
    await office.vault.make_keys([other])
    await keys.rows("DELETE FROM case_key WHERE case_id = $1", case)
    await keys.rows("UPDATE case_key SET case_id = $1 WHERE case_id = $2", case, other)

    with pytest.raises(KeyLost):
        await office.vault.open(sealed)
    with pytest.raises(KeyLost):
        await office.vault.seal(case, [TOLD])


async def test_the_two_keys_of_a_case_cannot_be_exchanged(office: Office, keys: Schema, case: UUID) -> None:
    await keys.rows("DELETE FROM case_key WHERE case_id = $1 AND kind = 'identity'", case)
    await keys.rows("UPDATE case_key SET kind = 'identity' WHERE case_id = $1", case)

    with pytest.raises(KeyLost):
        await office.vault.seal(case, [WHO])


async def test_identity_and_content_have_keys_of_their_own(office: Office, keys: Schema, case: UUID) -> None:
    rows = await keys.rows("SELECT wrapped FROM case_key WHERE case_id = $1", case)

    assert await kinds_of(keys, case) == {"content", "identity"}
    assert len({row["wrapped"] for row in rows}) == 2
    assert {part for part in Part if key_of(part) is Erased.IDENTITY} == {Part.IDENTITY, Part.CONTACT, Part.CONTRIBUTOR}


async def test_keys_are_made_once_by_however_many_processes(office: Office, keys: Schema) -> None:
    cases = [uuid4() for _ in range(20)]

    await asyncio.gather(*(office.vault.make_keys(cases) for _ in range(4)))
    before = await keys.rows("SELECT * FROM case_key ORDER BY case_id, kind")
    await office.vault.make_keys(cases)

    assert len(before) == 40
    assert await keys.rows("SELECT * FROM case_key ORDER BY case_id, kind") == before


async def test_what_any_process_sealed_opens_with_the_keys_that_were_made_first(office: Office) -> None:
    case = uuid4()

    async def make_and_seal() -> list[Sealed]:
        await office.vault.make_keys([case])
        return await office.vault.seal(case, [TOLD])

    for (sealed,) in await asyncio.gather(*(make_and_seal() for _ in range(6))):
        assert await office.vault.open([sealed]) == [TOLD.text]


async def test_destroying_identity_leaves_what_was_told(office: Office, keys: Schema, case: UUID) -> None:
    told, who = await office.vault.seal(case, [TOLD, WHO])

    await office.vault.destroy(case, Erased.IDENTITY)
    await office.vault.destroy(case, Erased.IDENTITY)

    assert await kinds_of(keys, case) == {"content"}
    assert await office.vault.open([told]) == [TOLD.text]
    for refused in ([who], [told, who]):
        with pytest.raises(KeyLost):
            await office.vault.open(refused)
    with pytest.raises(KeyLost):
        await office.vault.seal(case, [WHO])


async def test_destroying_content_destroys_both_keys_and_no_copy_of_the_data_helps(
    office: Office, keys: Schema, case: UUID
) -> None:
    other = uuid4()
    await office.vault.make_keys([other])
    copied = await office.vault.seal(case, [TOLD, WHO])
    others = await office.vault.seal(other, [TOLD])

    await office.vault.destroy(case, Erased.CONTENT)

    assert await kinds_of(keys, case) == set()
    await office.vault.make_keys([case])  # new keys, as after a crash, open nothing either
    for one in copied:
        with pytest.raises(KeyLost):
            await office.vault.open([one])
    assert await office.vault.open(others) == [TOLD.text]


async def test_a_destroyed_key_leaves_the_files_of_its_table(
    office: Office, runtime: Runtime, keys: Schema, case: UUID
) -> None:
    (wrapped,) = await keys.rows("SELECT wrapped FROM case_key WHERE case_id = $1 AND kind = 'identity'", case)
    before = await table_file(keys)
    await office.vault.destroy(case, Erased.IDENTITY)

    await clear_remains(runtime)

    after = await table_file(keys)
    assert wrapped[0] in before
    assert wrapped[0] not in after
    assert await keys.rows("SELECT * FROM key_remains") == []
    assert await kinds_of(keys, case) == {"content"}


async def table_file(keys: Schema) -> bytes:
    """The file of the table of keys, as it lies on the server's disk."""
    connection = await asyncpg.connect(keys.operator_dsn)
    try:
        await connection.execute("CHECKPOINT")
        content = await connection.fetchval("SELECT pg_read_binary_file(pg_relation_filepath('remedy_keys.case_key'))")
        assert isinstance(content, bytes)
        return content
    finally:
        await connection.close()


# The wrapping key


def with_keys(*keys: bytes) -> KeysFromSettings:
    return KeysFromSettings(keys)


OLD, NEW = b"o" * 32, b"n" * 32


async def test_a_wrapped_key_opens_only_in_its_context_and_with_its_wrapping_key() -> None:
    wrapped = await with_keys(OLD).wrap(b"k" * 32, b"this")

    assert await with_keys(NEW, OLD).unwrap(wrapped, b"this") == b"k" * 32
    for service, context in ((with_keys(OLD), b"that"), (with_keys(NEW), b"this"), (with_keys(), b"this")):
        with pytest.raises(KeyLost):
            await service.unwrap(wrapped, context)
    for broken in (b"", wrapped[:8], wrapped[:-1], wrapped + b"\0"):
        with pytest.raises(KeyLost):
            await with_keys(OLD).unwrap(broken, b"this")


def test_no_wrapping_key_is_shown_where_its_holder_is_printed() -> None:
    assert "o" * 8 not in repr(with_keys(OLD))
    assert SETTINGS.case_key is not None
    assert SETTINGS.case_key.get_secret_value() not in repr(SETTINGS)


def let_rewrap(patch: pytest.MonkeyPatch, vault: Vault) -> None:
    """Let the task work with this vault."""
    patch.setattr(
        "services.remedy.rewrapping.office_of", lambda runtime: Office(runtime, SETTINGS, SETTINGS.terms, vault)
    )


async def test_keys_are_wrapped_anew_and_then_the_old_wrapping_key_is_not_needed(
    schema: Schema, keys: Schema, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [uuid4() for _ in range(120)]
    old, both, new = (Vault(service, keys.pool) for service in (with_keys(OLD), with_keys(NEW, OLD), with_keys(NEW)))
    await old.make_keys(cases)
    sealed = [one for case in cases[:3] for one in await old.seal(case, [TOLD, WHO])]
    monkeypatch.setattr(
        "services.remedy.rewrapping.office_of", lambda _: Office(runtime, SETTINGS, SETTINGS.terms, both)
    )

    await asyncio.gather(rewrap(runtime), rewrap(runtime))
    await rewrap(runtime)

    assert await new.open(sealed) == [TOLD.text, WHO.text] * 3
    names = {row["made_with"] for row in await keys.rows("SELECT made_with FROM case_key")}
    assert names == {await with_keys(NEW).current()}
    with pytest.raises(KeyLost):
        await old.open(sealed)


async def test_a_key_that_cannot_be_unwrapped_is_left_and_the_others_are_wrapped_anew(
    keys: Schema, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, found = uuid4(), uuid4()
    await Vault(with_keys(b"x" * 32), keys.pool).make_keys([lost])
    await Vault(with_keys(OLD), keys.pool).make_keys([found])
    both = Vault(with_keys(NEW, OLD), keys.pool)
    monkeypatch.setattr(
        "services.remedy.rewrapping.office_of", lambda _: Office(runtime, SETTINGS, SETTINGS.terms, both)
    )
    before = await keys.rows("SELECT * FROM case_key WHERE case_id = $1 ORDER BY kind", lost)

    await rewrap(runtime)

    assert await keys.rows("SELECT * FROM case_key WHERE case_id = $1 ORDER BY kind", lost) == before
    wrapped = await keys.rows("SELECT * FROM case_key WHERE case_id = $1", found)
    for row in wrapped:
        context = context_of(CaseKey(found, Erased(row["kind"])))
        assert len(await with_keys(NEW).unwrap(row["wrapped"], context)) == 32


async def test_the_services_role_can_change_rows_of_keys_and_no_table(keys: Schema) -> None:
    for statement in ("DROP TABLE case_key", "ALTER TABLE case_key ADD x int", "CREATE TABLE other (x int)"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await keys.rows(statement)
