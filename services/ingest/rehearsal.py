"""Dry runs: everything is done as ever, and then rolled back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from shared.postgres import Connection
from shared.service import Runtime


class Rehearsed(Exception):
    """A dry run has come to its end: roll back."""


@asynccontextmanager
async def transaction(runtime: Runtime, dry_run: bool) -> AsyncIterator[Connection]:
    """A transaction of which, with `dry_run`, nothing is kept; what fails in it is raised either way."""
    with suppress(Rehearsed):
        async with runtime.transaction() as tx:
            yield tx
            if dry_run:
                raise Rehearsed
