"""Evidence as people name it: where it lies, with its hash, or with a copy of it from which the hash is worked out."""

import hashlib
import mimetypes
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from shared.client import CommandError

OF_THE_WEB = ("https://", "http://", "urn:")
Evidence = Annotated[
    list[str] | None,
    typer.Option(
        "--evidence",
        metavar="URI|FILE",
        help="Where the evidence can be read, with --sha256; or a copy here, with --uri. Repeatable, in order.",
    ),
]
Hashes = Annotated[
    list[str] | None, typer.Option("--sha256", help="The SHA-256 of evidence named by its URI. One for each.")
]
Uris = Annotated[
    list[str] | None, typer.Option("--uri", help="Where evidence can be read that is named by a copy. One for each.")
]


def evidence_of(
    named: Sequence[str] | None, hashes: Sequence[str] | None, uris: Sequence[str] | None
) -> list[dict[str, str]]:
    """Evidence as it is sent: a URI, a SHA-256 and a media type for each; files stay where they are.

    Raises CommandError where a file cannot be read, or hashes and URIs do not go with what was named.
    """
    named = named or []
    known, places = iter(hashes or ()), iter(uris or ())
    found = []
    for one in named:
        if one.startswith(OF_THE_WEB):
            found.append(described(one, next(known, None)))
        else:
            found.append(described(next(places, None), hash_of(Path(one)), one))
    if next(known, None) is not None or next(places, None) is not None:
        raise CommandError("There are more --sha256 or --uri than evidence: one for each URI, and one for each file.")
    return found


def described(uri: str | None, sha256: str | None, file: str | None = None) -> dict[str, str]:
    """One piece of evidence. Raises CommandError where its hash or place is missing."""
    if sha256 is None:
        raise CommandError("Evidence on the web needs its hash: --sha256 HASH, or name your copy of it and give --uri.")
    if uri is None:
        raise CommandError("A file needs a place where others can read it: --uri URI. It is not sent from here.")
    return {"uri": uri, "sha256": sha256.lower(), "media_type": media_type(file or uri)}


def media_type(name: str) -> str:
    """The media type by a name's ending; where that says nothing, any bytes."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def hash_of(file: Path) -> str:
    """The SHA-256 of a file. Raises CommandError where it cannot be read."""
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        raise CommandError("Evidence is a URI (https://...) or a file that can be read: one is neither.") from None
