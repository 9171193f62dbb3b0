"""Keys of members, for the services that a member may ask: each knows a key by its digest. Subject: the `kid`."""

from typing import ClassVar

from shared.events.envelope import Classification, EventData
from shared.events.values import KeyId, Moment, Sha256, Slug
from shared.events.vocabulary import KeyPurpose

MEMBER = frozenset({Classification.MEMBER})


class KeyIssued(EventData):
    """The holder of a key may act for a member. A key is 256 random bits: its SHA-256 leads nobody back to it."""

    type: ClassVar[str] = "key.issued.v1"
    family: ClassVar[str] = "key"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    kid: KeyId
    member: Slug
    digest: Sha256
    purposes: tuple[KeyPurpose, ...]
    expires: Moment | None = None


class KeyEnded(EventData):
    """A key holds no longer, or only until `ends`: it was revoked or replaced, or its member has left."""

    type: ClassVar[str] = "key.ended.v1"
    family: ClassVar[str] = "key"
    classifications: ClassVar[frozenset[Classification]] = MEMBER

    kid: KeyId
    member: Slug
    ends: Moment
