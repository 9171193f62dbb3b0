"""Who works on cases, in which role, and what each role may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class Role(StrEnum):
    """A part in the work on cases. Nobody decides on a request of their own, whatever roles they have."""

    COORDINATOR = "coordinator"
    """Sees references, states and deadlines of all cases, assigns them; reads none that is not assigned to them."""
    HANDLER = "handler"
    """Works on assigned cases and reads them, with a reason each time; who the reporter is stays closed to them."""
    CUSTODIAN = "custodian"
    """Decides on another's request to see who a reporter is, and on erasure; reads no case."""
    AUDITOR = "auditor"
    """Reads the audit chain and verifies it; reads no case."""


class Right(StrEnum):
    """What a person may do because of a role. Which case they may do it to is a matter of assignment."""

    KNOW_COLLEAGUES = "know_colleagues"
    """See who works here, by name and role."""
    ASSIGN = "assign"
    """See references, states and deadlines of all cases, and say who works on them; never oneself."""
    WORK_ON_CASE = "work_on_case"
    """Read and handle assigned cases, ask to see who a reporter is, and step back from a case."""
    DECIDE = "decide"
    """Grant or deny what another person asked for: to see an identity, to erase a case."""
    READ_AUDIT = "read_audit"
    """Read the audit chain, which holds no words, and verify it."""


RIGHTS: Mapping[Right, frozenset[Role]] = MappingProxyType(
    {
        Right.KNOW_COLLEAGUES: frozenset(Role),
        Right.ASSIGN: frozenset({Role.COORDINATOR}),
        Right.WORK_ON_CASE: frozenset({Role.HANDLER}),
        Right.DECIDE: frozenset({Role.CUSTODIAN}),
        Right.READ_AUDIT: frozenset({Role.AUDITOR}),
    }
)
"""Which roles have which right; a right that a role is not named for is not had."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works on cases, as their key proves. `name` is shown to colleagues only."""

    id: UUID
    name: str
    roles: frozenset[Role]
