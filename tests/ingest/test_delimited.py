"""CSV files in any encoding, with any delimiter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain.lists.delimited import decode, find_delimiter, read_csv
from services.ingest.domain.lists.findings import FileInvalid, Finding
from services.ingest.domain.lists.sheets import Limits
from tests.ingest.given import osh, written

NORDIC = "country,name,address\nDE,Beispiel GmbH,Große Straße 1\nNO,Eksempel AS,Færder vei 5 Tromsø\n"
JAPANESE = (
    "country,name,address\nJP,株式会社サンプル電子,東京都千代田区丸の内一丁目\nJP,サンプル工業,大阪府大阪市北区\n"
)
CHINESE = "country,name,address\n" + "CN,示例电子有限公司,江苏省苏州市工业园区\n" * 3
TAIWANESE = "country,name,address\n" + "TW,範例電子股份有限公司,新竹市科學園區\n" * 3
KOREAN = "country,name,address\n" + "KR,예시전자 주식회사,서울특별시 강남구\n" * 3
RUSSIAN = "country,name,address\nRU,Пример Электроника,Москва улица Ленина 1\n"
POLISH = "country,name,address\nPL,Przykład Sp. z o.o.,ul. Łąkowa 5 Łódź Śródmieście\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (NORDIC, "cp1252"),
        (NORDIC, "latin-1"),
        (NORDIC, "cp850"),
        (NORDIC, "mac_roman"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gb18030"),
        (TAIWANESE, "big5"),
        (KOREAN, "euc_kr"),
        (RUSSIAN, "cp1251"),
        (POLISH, "cp1250"),
    ],
)
def test_an_encoding_is_guessed_by_its_letters_and_the_guess_is_told(content: str, encoding: str) -> None:
    text, used, guessed = decode(content.encode(encoding))

    assert (text, guessed) == (content, True)
    assert content.encode(used) == content.encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@given(content=st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\x00"), min_size=1))
def test_utf_8_and_any_file_with_a_mark_are_read_exactly(encoding: str, content: str) -> None:
    text, _, guessed = decode(content.encode(encoding))

    assert (text, guessed) == (content, False)


def test_an_encoding_that_is_named_is_taken_and_not_guessed() -> None:
    text, used, guessed = decode("Größe".encode("cp850"), "cp850")

    assert (text, used, guessed) == ("Größe", "cp850", False)


@pytest.mark.parametrize("name", ["no-such", "rot13", "utf_7", "punycode", "IDNA", "unicode_escape", "undefined"])
def test_what_is_no_character_set_is_refused(name: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        decode(b"x", name)

    assert caught.value.findings[0].code == "encoding_unknown"


def test_a_byte_that_does_not_fit_the_named_encoding_is_found_by_row_line_and_column() -> None:
    content = osh(("DE", "Bei\nspiel", "Straße 1", "")).encode("cp1252")

    with pytest.raises(FileInvalid) as caught:
        decode(content, "utf-8")

    assert caught.value.findings == (Finding("encoding_wrong", row=2, line=3, column="C"),)


def test_bytes_that_are_text_in_no_encoding_are_refused_where_they_begin() -> None:
    content = b"country,name,address\nNO,x,\x81\x8d\x8f\x90\x9d\xff\xfe\n" + bytes(range(128, 256)) * 50

    with pytest.raises(FileInvalid) as caught:
        read_csv(content, Limits(), "utf-8")

    assert (caught.value.findings[0].row, caught.value.findings[0].column) == (2, "C")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_that_which_gives_the_first_rows_the_same_width(delimiter: str) -> None:
    cells = ["country", "name", "address"], ["NO", "Example; Works, AS", "1 Road, Oslo | Norway"], ["NO", "x", "y"]
    quoted = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in cells)

    book = read_csv(quoted.encode(), Limits())

    assert book.delimiter == delimiter
    assert [len(record.cells) for record in book.sheets[0].records] == [3, 3, 3]


def test_a_decimal_comma_does_not_pass_for_a_delimiter() -> None:
    assert find_delimiter("name;lat;lng\nExample;59,9;10,7\nExample;60,1;11,2\n") == ";"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(rows=1), "too_many_rows"),
        (Limits(columns=2), "too_many_columns"),
        (Limits(cells=5), "too_many_cells"),
        (Limits(characters=3), "cell_too_long"),
    ],
)
def test_each_limit_of_a_file_is_kept(limits: Limits, code: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        read_csv(written(("country", "name", "address"), [("NO", "x", "y")] * 40).encode(), limits)

    assert caught.value.findings[0].code == code
