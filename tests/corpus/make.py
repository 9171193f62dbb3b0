"""Writes the corpus: `python -m tests.corpus.make`. The same seed gives the same files, byte for byte."""

import random
from collections.abc import Callable, Iterator

from tests.corpus.cases import FOLDER, numbered
from tests.corpus.making import domain, engagement, http, kafka, sheets, syntax, text, types
from tests.corpus.making.syntax import Made

SEED = 20261122
KINDS: dict[str, Callable[[random.Random], Iterator[Made]]] = {
    "syntax": syntax.syntax,
    "size": syntax.size,
    "types": types.types,
    "text": text.text,
    "attributes": text.attributes,
    "domain": domain.domain,
    "engagement": engagement.engagement,
    "idempotency": domain.idempotency,
    "auth": http.auth,
    "protocol": http.protocol,
    "binary": http.binary,
    "kafka": kafka.kafka,
    "csv": sheets.csv,
    "workbook": sheets.workbook,
}


def made(kind: str) -> str:
    """The file of one kind."""
    cases = numbered(kind, list(KINDS[kind](random.Random(f"{SEED}/{kind}"))))
    return "".join(f"{case.line()}\n" for case in cases)


if __name__ == "__main__":
    for kind in KINDS:
        (FOLDER / f"{kind}.jsonl").write_text(made(kind))
