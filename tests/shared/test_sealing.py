"""A sealed box tells its size class and nothing else, and opens with one key for one purpose."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import sealing
from shared.sealing import DEAD_LETTER, LENGTH_BYTES, SIZE_CLASSES, TESTIMONY, CannotOpen, open_box, seal

PRIVATE, PUBLIC = sealing.generate_key()


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=5_000))
def test_what_was_sealed_is_what_opens(plaintext: bytes) -> None:
    assert open_box(seal(plaintext, PUBLIC, TESTIMONY), PRIVATE, TESTIMONY) == plaintext


def test_the_public_half_of_a_key_is_always_the_same() -> None:
    assert sealing.public_key_of(PRIVATE) == PUBLIC


@pytest.mark.parametrize("size", SIZE_CLASSES)
def test_texts_of_one_size_class_have_boxes_of_one_length(size: int) -> None:
    smaller = [0, *SIZE_CLASSES][SIZE_CLASSES.index(size)]
    shortest, longest = max(0, smaller - LENGTH_BYTES + 1) if smaller else 0, size - LENGTH_BYTES

    boxes = [seal(bytes(length), PUBLIC, TESTIMONY) for length in (shortest, longest)]

    assert len(boxes[0]) == len(boxes[1])
    assert all(sealing.looks_sealed(box) for box in boxes)
    assert open_box(boxes[1], PRIVATE, TESTIMONY) == bytes(longest)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert seal(b"x", PUBLIC, TESTIMONY) != seal(b"x", PUBLIC, TESTIMONY)


def test_a_text_beyond_the_largest_class_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        seal(bytes(SIZE_CLASSES[-1] - LENGTH_BYTES + 1), PUBLIC, TESTIMONY)


@pytest.mark.parametrize("place", [0, 40, -1], ids=["key", "text", "tag"])
def test_an_altered_box_is_refused(place: int) -> None:
    raw = bytearray(base64.b64decode(seal(b"canary", PUBLIC, TESTIMONY)))
    raw[place] ^= 1

    with pytest.raises(CannotOpen) as found:
        open_box(base64.b64encode(raw).decode(), PRIVATE, TESTIMONY)

    assert "canary" not in str(found.value)


@pytest.mark.parametrize("box", ["", "not base64!", "AAAA", "A" * 4_000])
def test_what_is_no_box_is_refused(box: str) -> None:
    with pytest.raises(CannotOpen):
        open_box(box, PRIVATE, TESTIMONY)
    assert not sealing.looks_sealed(box)


def test_another_key_or_another_purpose_does_not_open_a_box() -> None:
    stranger, _ = sealing.generate_key()
    box = seal(b"x", PUBLIC, TESTIMONY)

    with pytest.raises(CannotOpen):
        open_box(box, stranger, TESTIMONY)
    with pytest.raises(CannotOpen):
        open_box(box, PRIVATE, DEAD_LETTER)
