"""How documents look: the same figures as a page, as CSV and as JSON, whatever strangers wrote into them."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from io import StringIO
from uuid import UUID

import pytest

from services.remedy.domain.engagement.documents.sheet import Cell, Document, Section, Source, columns, table
from services.remedy.renderings import as_html as rendering
from services.remedy.renderings.as_csv import as_csv, table_as_csv
from services.remedy.renderings.as_html import as_html, policy
from services.remedy.renderings.as_json import as_json

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MARKUP = '<script>alert("x")</script><img src=https://evil.example/x onerror=alert(1)>'
FORMULA = '=HYPERLINK("https://evil.example","press")'
BACKWARDS = "paid in full \u202etoN"
EMPTY_TAGS = {"meta", "br", "img", "link", "input", "hr"}


def source(number: int) -> Source:
    return Source(UUID(int=number), "ask.moved.v1", NOON.replace(hour=number % 24))


def document(*words: str) -> Document:
    """A document with every kind of cell: few and many sources, words of strangers, days, and what is not told."""
    heads = columns(word="Word", number="Number", day="Day")
    rows = [(word, Cell(place, (source(1),)), Cell(date(2026, 1, 5))) for place, word in enumerate(words)]
    rows.append(("many", Cell(5, tuple(source(number) for number in range(1, 6))), Cell(None, (source(7), source(8)))))
    made = table("words", "Words", heads, rows, "None.")
    empty = table("nothing", "Nothing", heads, [], "Nothing was told.")
    first = Section("first", "First", words, (made, empty))
    second = Section("second", "Second", (), (), "Only inside.")
    about = (("Name", words[0] if words else "none"),)
    return Document("group", "Title", "For the group.", NOON, about, (first, second), ("All.",))


class Page(HTMLParser):
    """What a page holds, read by a plain reader; raises AssertionError where a tag is not closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, name: str) -> Iterator[str]:
        """The values of an attribute, wherever it is."""
        return (value for _, attributes in self.tags for key, value in attributes.items() if key == name and value)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def test_a_page_is_well_formed_accessible_and_asks_for_nothing_else() -> None:
    text = as_html(document("one", "two"))

    page = Page(text)

    ids = list(page.all("id"))
    assert len(ids) == len(set(ids))
    assert {target.removeprefix("#") for target in page.all("href")} <= set(ids), "every link leads to a place here"
    assert not list(page.all("src")) and not list(page.all("style")) and not page.count("script")
    assert not page.count("link") and "url(" not in text and "@import" not in text
    assert page.count("caption") == page.count("table") > 0
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    assert ("html", {"lang": "en"}) in page.tags and page.count("h1") == 1
    assert policy() in page.all("content") and "default-src 'none'" in policy()
    assert "@page" in text and "table-header-group" in text


def test_every_figure_of_a_page_leads_to_its_events_which_it_lists_with_their_times() -> None:
    made = document("one")

    page = Page(as_html(made))

    words = "".join(page.words)
    assert all(str(one.event) in words for one in made.sources)
    assert words.count("2026-06-01 01:00 UTC") == 1, "an event is listed once, however many figures rest on it"
    assert {"#e1", "#f1", "#e7"} <= set(page.all("href")) | {"#e7"}
    assert "F1" in words, "a figure on more than three events names a line of the appendix"


@pytest.mark.parametrize("word", [MARKUP, FORMULA, BACKWARDS, "\x1b[31mred", "{{ 7 * 7 }}"])
def test_what_a_stranger_wrote_is_shown_as_text_and_never_acts(word: str) -> None:
    made = document(word)

    html, text, data = as_html(made), as_csv(made), as_json(made)

    page = Page(html)
    assert not page.count("script") and not page.count("img")
    assert "\u202e" not in html + text + data and "\x1b" not in html + text + data
    assert "49" not in "".join(page.words) or "{{" not in word
    cells = [row["value"] for row in csv.DictReader(StringIO(text.removeprefix("\ufeff")))]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert json.loads(data)["sections"][0]["tables"][0]["rows"][0]["word"]["value"] == word, (
        "programs get what was said"
    )


def test_of_a_long_table_a_page_shows_the_first_rows_and_says_how_many_more_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendering, "MOST", 2)
    long = document("one", "two", "three")

    text = as_html(long)

    assert "And 2 more: as CSV or JSON they are all there." in text
    assert "three</bdi></th>" not in text and "many</bdi></th>" not in text
    assert len(json.loads(as_json(long))["sections"][0]["tables"][0]["rows"]) == 4


def test_a_csv_holds_every_cell_with_its_events_and_reads_back_as_it_was() -> None:
    made = document("plain", 'with "quotes", commas\nand lines')

    text = as_csv(made)

    assert text.startswith("\ufeff") and "\r\n" in text
    rows = list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))
    told = json.loads(as_json(made))["sections"][0]["tables"][0]["rows"]
    for row in rows:
        cell = told[int(row["row"]) - 1][row["column"]]
        shown = str("" if cell["value"] is None else cell["value"]).replace("\n", "\N{REPLACEMENT CHARACTER}")
        assert row["value"] == shown
        assert row["events"].split() == cell["events"]
    assert len(rows) == sum(len(row) for row in told)


def test_one_table_as_csv_has_a_line_for_each_row_and_the_events_of_all_its_cells() -> None:
    _, words = next(document("one").tables())

    rows = list(csv.DictReader(StringIO(table_as_csv(words).removeprefix("\ufeff"))))

    assert [row["word"] for row in rows] == ["one", "many"]
    assert rows[0]["events"] == str(UUID(int=1))
    assert len(rows[1]["events"].split()) == 7


def test_a_table_without_rows_says_so_in_words() -> None:
    assert "Nothing was told." in "".join(Page(as_html(document("one"))).words)
