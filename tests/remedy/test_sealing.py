"""Testimony is sealed on its sender's own machine: what is inside, what is shown, what is refused, and the receipt."""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types of its own

from services.remedy.commands import sealing as command
from services.remedy.commands.sealing import sealed_event
from services.remedy.domain.references import CROCKFORD, RECEIPT_BITS, key_id_of, receipt_as_written, receipt_of
from services.remedy.receipts import draw_receipt, receipt_hash
from shared import sealing
from shared.client import CommandError
from shared.events import members
from shared.events.envelope import decode_data
from shared.events.remedy import words
from shared.events.schemas import CONTRACTS, differences, write
from shared.events.sealed import NOTHING_WRITTEN, UNREADABLE, SealedTestimony, read_box
from tests.remedy.given import NARRATIVE, PRIVATE_KEY, PUBLIC_KEY, SETTINGS
from tests.remedy.typing_in import engage

NUMBERS = st.integers(min_value=0, max_value=2**RECEIPT_BITS - 1).filter(lambda number: receipt_of(number) is not None)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the trustee's key and a text; no network."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENGAGE_REMEDY_URL", "http://127.0.0.1:1")
    (tmp_path / "trustee.key").write_text(PUBLIC_KEY + "\n")
    (tmp_path / "text").write_text(NARRATIVE + "\n")
    return tmp_path


def seal(*arguments: str, stdin: str | None = None) -> Any:
    return engage("seal", *arguments, "--kind", "grievance", "--key", "trustee.key", stdin=stdin)


def submitted(event: dict[str, Any]) -> members.TestimonySubmitted:
    """What a door reads from a sealed event."""
    return decode_data(members.TestimonySubmitted, json.dumps(event["data"]).encode())


def opened(printed: str) -> SealedTestimony:
    """What the trustee reads."""
    box = submitted(json.loads(printed)).sealed
    return read_box(sealing.open_box(box, PRIVATE_KEY, sealing.TESTIMONY))


# What is printed


def test_what_is_sealed_without_a_network_fits_the_door_and_opens_for_the_trustee_alone() -> None:
    result = seal("text")

    event = json.loads(result.stdout)
    data = submitted(event)
    assert (event["type"], event["source"]) == ("testimony.submitted.v1", "urn:engage:sealed")
    assert UUID(event["id"]).version == 4
    assert datetime.fromisoformat(event["time"]).timetz() == datetime.min.replace(tzinfo=UTC).timetz()
    assert (data.kind, data.key) == (words.TestimonyKind.GRIEVANCE, key_id_of(PUBLIC_KEY))
    assert sealing.looks_sealed(data.sealed)
    assert opened(result.stdout).narrative.strip() == NARRATIVE
    with pytest.raises(sealing.CannotOpen):
        sealing.open_box(data.sealed, sealing.generate_key()[0], sealing.TESTIMONY)
    assert "wages" not in result.output


def test_every_kind_of_testimony_can_be_sealed() -> None:
    assert set(get_args(command.Kind)) == {kind.value for kind in words.TestimonyKind} - {"other"}


def test_the_receipt_is_inside_and_shown_once_beside_the_event() -> None:
    result = seal("text")

    receipt = opened(result.stdout).receipt
    assert receipt is not None and receipt_as_written(receipt) == receipt
    assert Counter(result.stderr.split())[receipt] == 1
    assert receipt not in result.stdout


def test_a_receipt_can_go_to_a_file_that_only_its_owner_reads_or_not_be_drawn(here: Path) -> None:
    kept = seal("text", "--receipt-to", "receipt", "--out", "sealed.json")
    without = seal("text", "--no-receipt")

    for file in ("receipt", "sealed.json"):
        assert (here / file).stat().st_mode & 0o777 == 0o600
    assert (here / "receipt").read_text().strip() == opened((here / "sealed.json").read_text()).receipt
    assert kept.output == ""
    assert opened(without.stdout).receipt is None and without.stderr == ""


def test_a_text_may_come_from_standard_input() -> None:
    assert opened(seal("-", stdin=NARRATIVE).stdout).narrative == NARRATIVE


def test_files_and_options_give_what_stands_beside_the_text(here: Path) -> None:
    written = {"who": "Ana Example", "how": "by the gate", "trusted": "the union", "photo.jpg": "JPEG"}
    for name, text in (written | {"where": '{"name": "Example Electronics, Plant 1", "country": "NO"}'}).items():
        (here / name).write_text(text)
    earlier = draw_receipt()
    (here / "earlier").write_text(earlier.lower())
    texts = ["--identity", "who", "--contact", "how", "--trusted-contact", "trusted", "--place", "where"]
    words = ["--consent", "brand", "--consent", "members", "--filed-by", "union", "--reprisal"]

    result = seal("text", *texts, *words, "--belongs-to", "earlier", "--attach", "photo.jpg")

    box = opened(result.stdout)
    assert (box.identity, box.contact, box.trusted_contact) == ("Ana Example", "by the gate", "the union")
    assert box.place is not None and (box.place.name, box.place.country) == ("Example Electronics, Plant 1", "NO")
    assert box.consents.model_dump() == {"employer": False, "brand": True, "members": True, "public": False}
    assert (box.filed_by, box.reprisal, box.belongs_to) == ("union", True, earlier)
    assert [(one.media_type, sealing.decode(one.content)) for one in box.attachments] == [("image/jpeg", b"JPEG")]
    assert "Remove them first" in result.stderr
    assert "photo" not in result.stdout and "photo" not in box.model_dump_json()


def test_a_place_may_be_a_name_alone(here: Path) -> None:
    (here / "where").write_text("Example Electronics, Plant 1\n")

    place = opened(seal("text", "--place", "where").stdout).place

    assert place is not None and place.name == "Example Electronics, Plant 1"


def test_json_of_the_boxs_shape_is_sealed_as_it_is_with_its_own_receipt(here: Path) -> None:
    receipt = draw_receipt()
    whole = {"narrative": NARRATIVE, "categories": ["forced_labour"], "workers": 14, "receipt": receipt.lower()}
    (here / "text").write_text(json.dumps(whole))

    box = opened(seal("text").stdout)

    assert (box.categories, box.workers, box.receipt) == (("forced_labour",), 14, receipt)


def test_a_dry_run_shows_what_would_be_inside_and_neither_words_nor_a_receipt(here: Path) -> None:
    (here / "who").write_text("Ana Example")

    result = seal("text", "--identity", "who", "--dry-run")

    told = json.loads(result.stdout)
    assert set(told["parts"]) == {"narrative", "identity"}
    assert told["sealed_bytes"] == sealing.SIZE_CLASSES[0]
    assert "Ana" not in result.output and "wages" not in result.output and "Receipt" not in result.output


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        (" \n", PUBLIC_KEY, "nothing to seal"),
        ("x" * 200_000, PUBLIC_KEY, "cannot be sealed"),
        ("x" * 131_060, PUBLIC_KEY, "at most 131068"),
        ('{"narrative": "x", "story": "Passports"}', PUBLIC_KEY, "story: Extra inputs"),
        ('{"narrative": "x", "filed_by": "Passports"}', PUBLIC_KEY, "one of worker, group_of_workers"),
        ('{"narrative": "x", "identity": "Passports",}', PUBLIC_KEY, "begins as JSON does"),
        ('{"narrative": "x", "receipt": "Passports"}', PUBLIC_KEY, "This is no receipt"),
        (NARRATIVE, "not a key", "holds no trustee's key"),
        (NARRATIVE, PUBLIC_KEY[:-8] + "====", "holds no trustee's key"),
        (NARRATIVE, '{"public_key": 5}', "holds no trustee's key"),
        (NARRATIVE, f'{{"public_key": "{PUBLIC_KEY}", "valid_to": "2020-01-01T00:00:00Z"}}', "out of date"),
    ],
)
def test_what_cannot_be_sealed_is_refused_in_words_that_do_not_repeat_it(
    here: Path, text: str, key: str, says: str
) -> None:
    (here / "text").write_text(text)
    (here / "trustee.key").write_text(key)

    result = seal("text")

    assert isinstance(result.exception, CommandError)
    assert says in str(result.exception)
    assert "xxxx" not in str(result.exception) and "Passports" not in str(result.exception)
    assert result.stdout == ""


@pytest.mark.parametrize("option", ["--out", "--receipt-to"])
def test_neither_a_box_nor_a_receipt_is_written_over(here: Path, option: str) -> None:
    (here / "text").write_text(NARRATIVE)
    (here / "kept").write_text("kept")

    result = seal("text", option, "kept")

    assert "is there already" in str(result.exception)
    assert (here / "kept").read_text() == "kept"
    assert "Receipt" not in result.output


def test_a_text_that_is_not_utf8_and_a_file_that_is_not_there_are_said(here: Path) -> None:
    (here / "text").write_bytes(b"\xff\xfe")

    assert "not UTF-8" in str(seal("text").exception)
    assert str(seal("/nowhere/text").exception) == "Cannot read /nowhere/text: No such file or directory."


def test_an_attachment_that_does_not_fit_is_told_with_the_limit(here: Path) -> None:
    (here / "photo.jpg").write_bytes(os.urandom(100_000))

    error = str(seal("text", "--attach", "photo.jpg").exception)

    assert "at most 131068" in error and "a third more" in error


@given(st.integers(min_value=1, max_value=4000))
def test_texts_of_one_size_class_give_boxes_of_one_length(length: int) -> None:
    event = sealed_event(b"x" * length, "flag", PUBLIC_KEY, datetime.now(UTC))

    assert len(event["data"]["sealed"]) == len(sealing.seal(b"", PUBLIC_KEY, sealing.TESTIMONY))


# What the trustee reads


@given(st.binary())
def test_whatever_a_box_holds_is_read(plain: bytes) -> None:
    read_box(plain).model_dump_json().encode()


def test_json_nested_however_deep_is_read() -> None:
    for depth in range(1, 1100):  # at some depth it can be read and not written again; which, the caller's own decides
        box = read_box(b'{"narrative": "x", "strange": ' + b"[" * depth + b"]" * depth + b"}")

        assert "[" * depth in (box.identity or box.narrative)


def test_text_that_is_longer_once_it_is_legible_is_kept_whole() -> None:
    assert read_box(b"\xff" * 40_000).narrative == "\\xff" * 40_000


def test_text_is_the_narrative_and_an_empty_box_says_so() -> None:
    assert read_box("Ça, 欠".encode()).narrative == "Ça, 欠"
    assert read_box(b"caf\xe9").narrative == "caf\\xe9"
    assert read_box(b" \n").narrative == NOTHING_WRITTEN
    assert read_box(b'["x"]').narrative == '["x"]'


@pytest.mark.parametrize("strange", [{"witness": "Bela"}, {"filed_by": "Bela"}, {"place": {"floor": "Bela"}}])
def test_what_is_not_understood_is_kept_where_names_are_kept(strange: dict[str, object]) -> None:
    box = read_box(json.dumps({"narrative": NARRATIVE, "identity": "Ana", "workers": 14, **strange}).encode())

    assert (box.narrative, box.workers) == (NARRATIVE, 14)
    assert box.identity is not None and box.identity.startswith("Ana") and "Bela" in box.identity
    assert "Bela" not in box.model_copy(update={"identity": None}).model_dump_json()


def test_json_without_a_narrative_is_kept_whole_with_who_speaks() -> None:
    box = read_box(b'{"story": "of Ana"}')

    assert box.narrative == UNREADABLE
    assert box.identity == '{"story": "of Ana"}'


# The receipt


@given(NUMBERS)
def test_a_receipt_is_read_as_people_write_it(number: int) -> None:
    receipt = receipt_of(number)
    assert receipt is not None

    typed = [receipt, receipt.lower(), receipt.replace("-", ""), f"  {receipt.replace('-', ' ')}\n"]
    typed += [receipt.replace("0", "O").replace("1", "I"), receipt.replace("1", "l")]

    assert {receipt_as_written(one) for one in typed} == {receipt}


@given(NUMBERS, st.integers(0, 23), st.sampled_from(CROCKFORD))
def test_one_wrong_symbol_is_noticed(number: int, place: int, symbol: str) -> None:
    symbols = (receipt_of(number) or "").replace("-", "")
    wrong = symbols[:place] + symbol + symbols[place + 1 :]

    assert (receipt_as_written(wrong) is None) == (wrong != symbols)


@given(NUMBERS, st.integers(0, 22))
def test_two_exchanged_neighbours_are_noticed(number: int, place: int) -> None:
    symbols = (receipt_of(number) or "").replace("-", "")
    wrong = symbols[:place] + symbols[place + 1] + symbols[place] + symbols[place + 2 :]

    assert (receipt_as_written(wrong) is None) == (wrong != symbols)


@given(st.text())
def test_whatever_is_typed_is_a_receipt_or_none(typed: str) -> None:
    written = receipt_as_written(typed)

    assert written is None or receipt_as_written(written) == written


def test_a_receipt_has_more_than_a_hundred_random_bits_in_groups_of_four() -> None:
    drawn = [draw_receipt() for _ in range(300)]

    assert RECEIPT_BITS >= 100
    assert len(set(drawn)) == 300
    assert all([len(group) for group in one.split("-")] == [4] * 6 for one in drawn)
    for place in range(23):
        assert len({one.replace("-", "")[place] for one in drawn}) > 24  # each symbol is drawn, none is fixed


def test_a_receipt_is_kept_as_argon2id_makes_it_with_the_pepper() -> None:
    one, other = draw_receipt(), draw_receipt()
    peppered = SETTINGS.model_copy(update={"receipt_pepper": type(SETTINGS.receipt_pepper)(sealing.encode(b"x" * 32))})
    costlier = SETTINGS.model_copy(update={"receipt_passes": 2})

    hashes = {receipt_hash(one, SETTINGS), receipt_hash(other, SETTINGS), receipt_hash(one, peppered)}

    assert len(hashes | {receipt_hash(one, costlier)}) == 4
    assert receipt_hash(one, SETTINGS) == receipt_hash(one, SETTINGS)


def test_the_settings_of_the_hash_are_at_least_what_owasp_asks_for() -> None:
    fields = type(SETTINGS).model_fields

    assert fields["receipt_memory"].default >= 19 * 1024
    assert fields["receipt_passes"].default >= 2


# The contract


def test_the_checked_in_schema_of_a_box_is_that_of_the_model(tmp_path: Path) -> None:
    assert differences(CONTRACTS / "sealed") == []
    write(tmp_path / "sealed")
    (tmp_path / "sealed" / "testimony.v1.json").write_text("{}")
    assert differences(tmp_path / "sealed") == ["testimony.v1"]


def test_what_the_command_seals_is_valid_by_the_schema(here: Path) -> None:
    schema = json.loads((CONTRACTS / "sealed" / "testimony.v1.json").read_text())
    Draft202012Validator.check_schema(schema)
    (here / "who").write_text("Ana Example")
    box = submitted(json.loads(seal("text", "--identity", "who").stdout)).sealed

    plain = json.loads(sealing.open_box(box, PRIVATE_KEY, sealing.TESTIMONY))

    Draft202012Validator(schema).validate(plain)
    assert not Draft202012Validator(schema).is_valid(plain | {"story": "x"})
