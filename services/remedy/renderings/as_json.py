"""A document as JSON: each cell of a table is `{value, events}`, and `events` at the end says what those ids are.

{"document": "group", "title", "audience", "made_at", "about": [{"name", "value"}],
 "sections": [{"name", "title", "secrecy", "text": [],
               "tables": [{"name", "caption", "columns": [{"name", "title"}],
                           "rows": [{<column>: {"value", "events": [id]}}]}]}],
 "limits": [], "events": [{"id", "type", "at"}]}
"""

import json
from datetime import date
from typing import Any

from services.remedy.domain.engagement.documents.sheet import Cell, Document, Section, Table


def as_json(document: Document) -> str:
    """The document, in ASCII: no character of a stranger's text can turn a line around."""
    return json.dumps(content(document), indent=1) + "\n"


def content(document: Document) -> dict[str, Any]:
    """The document as JSON has it."""
    return {
        "document": document.kind,
        "title": document.title,
        "audience": document.audience,
        "made_at": document.made_at.isoformat(),
        "about": [{"name": name, "value": value} for name, value in document.about],
        "sections": [section_content(section) for section in document.sections],
        "limits": list(document.limits),
        "events": [
            {"id": str(one.event), "type": one.type, "at": one.at.isoformat()} for one in document.sources
        ],
    }  # fmt: skip


def section_content(section: Section) -> dict[str, Any]:
    """A section as JSON has it."""
    return {
        "name": section.name,
        "title": section.title,
        "secrecy": section.secrecy,
        "text": list(section.text),
        "tables": [table_content(table) for table in section.tables],
    }


def table_content(table: Table) -> dict[str, Any]:
    """A table as JSON has it."""
    names = [column.name for column in table.columns]
    return {
        "name": table.name,
        "caption": table.caption,
        "columns": [{"name": column.name, "title": column.title} for column in table.columns],
        "rows": [dict(zip(names, map(cell_content, row), strict=True)) for row in table.rows],
    }


def cell_content(cell: Cell) -> dict[str, Any]:
    """A cell as JSON has it: days as RFC 3339 writes them."""
    value = cell.value.isoformat() if isinstance(cell.value, date) else cell.value
    return {"value": value, "events": [str(source.event) for source in cell.sources]}
