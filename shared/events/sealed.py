"""What a sealed box of testimony holds: JSON of this shape, or plain text in UTF-8, which then is the narrative.

It is written on the sender's own device, sealed there, and read by the trustee's service alone. This is a contract as
those of the events are; the boxes of reporters who write by receipt hold the same.
"""

import contextlib
import json
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared.events.remedy.words import Filer
from shared.events.values import Base64, Count, Country, Label, MediaType, Name
from shared.events.vocabulary import Category, Known

Text = Annotated[str, StringConstraints(max_length=128 * 1024)]
"""As long as a box can be; what says more than a few pages is better attached."""
NOTHING_WRITTEN = "(Nothing was written.)"
UNREADABLE = "(What was sent has not the shape of a box. It is kept whole, with who speaks.)"


class Closed(BaseModel):
    """A part of a box: a field that it does not have is refused, on the sender's side as well as here."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Place(Closed):
    """Where it happened. The ids are those of the registry, where the sender knows them."""

    name: Name | None = None
    address: Name | None = None
    country: Country | None = None
    unit: Annotated[Name | None, Field(description="Building, line, shift or dormitory.")] = None
    site: UUID | None = None
    supplier: UUID | None = None


class Attachment(Closed):
    """A file. Its name is not kept: it tells too much."""

    media_type: MediaType
    content: Base64


class Consents(Closed):
    """To whom something of this may be told. Nobody, unless it is said; it can be changed later with the receipt."""

    employer: bool = False
    brand: bool = False
    members: bool = False
    public: bool = False


class SealedTestimony(Closed):
    """Testimony. Everything but the narrative may be left out."""

    version: Literal[1] = 1
    narrative: Annotated[Text, StringConstraints(min_length=1)]
    language: Annotated[str | None, StringConstraints(pattern=r"^[A-Za-z0-9-]{2,35}$")] = None
    filed_by: Known[Filer] = Filer.UNKNOWN
    identity: Annotated[Text | None, Field(description="Who speaks: names, numbers. Opened only by two persons.")] = (
        None
    )
    contact: Annotated[Text | None, Field(description="How the reporter can be reached safely.")] = None
    contributor: Annotated[Text | None, Field(description="Who helped to write this: organisation, staff.")] = None
    trusted_contact: Annotated[
        Text | None, Field(description="Whom to tell first, should there be retaliation: somebody the worker trusts.")
    ] = None
    place: Place | None = None
    categories: tuple[Known[Category], ...] = ()
    workers: Annotated[Count | None, Field(description="About how many workers this concerns.")] = None
    consents: Consents = Consents()
    receipt: Annotated[
        Label | None, Field(description="Drawn by the sender: 115 random bits, a check symbol (Crockford's base 32).")
    ] = None
    belongs_to: Annotated[Label | None, Field(description="The receipt of an earlier case that this adds to.")] = None
    reprisal: Annotated[bool, Field(description="Whether this tells of reprisal for having spoken.")] = False
    attachments: Annotated[tuple[Attachment, ...], Field(max_length=20)] = ()


def read_box(plain: bytes) -> SealedTestimony:
    """What was in a box, read so that nothing is lost and nobody is exposed: it never raises.

    Text is the narrative. In JSON what fits is read; fields that this release does not have or read are kept with who
    speaks, which only two persons open: nobody knows what they hold.
    """
    text = plain.decode(errors="backslashreplace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return SealedTestimony.model_construct(narrative=text if text.strip() else NOTHING_WRITTEN)
    with contextlib.suppress(ValidationError):
        return SealedTestimony.model_validate_json(plain)
    try:
        return read_what_fits(document)
    except RecursionError:
        return SealedTestimony.model_construct(narrative=UNREADABLE, identity=text)


def read_what_fits(document: dict[str, Any]) -> SealedTestimony:
    """The fields of a document that fit; the others as JSON beside who speaks."""
    fitting: dict[str, Any] = {"narrative": UNREADABLE}
    strange: dict[str, Any] = {}
    for name, value in document.items():
        try:
            read = SealedTestimony.model_validate_json(json.dumps({"narrative": UNREADABLE, name: value}))
            fitting[name] = getattr(read, name)
        except ValidationError:
            strange[name] = value
    whole = json.dumps(strange, ensure_ascii=False).encode(errors="backslashreplace").decode()
    kept = [text for text in (fitting.get("identity"), whole) if text]
    return SealedTestimony.model_construct(**fitting | {"identity": "\n\n".join(kept)} if strange else fitting)
