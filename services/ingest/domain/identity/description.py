"""What a source says of a supplier or site, taken apart once for many comparisons."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.ingest.domain.identity.addresses import Address, read_address
from services.ingest.domain.identity.identifiers import valid_identifiers
from services.ingest.domain.identity.names import Name, company_in, read_name


@dataclass(frozen=True, slots=True)
class Description:
    """A supplier or site as a source describes it; `company` where the name is of a part of one. See `describe`."""

    name: Name
    native: Name | None
    company: Name | None
    address: Address
    country: str | None
    identifiers: Mapping[str, str]


def describe(
    name: str,
    address: str | None,
    country: str | None,
    identifiers: Mapping[str, str],
    native_name: str | None = None,
) -> Description:
    """A description to compare. Raises nothing: an id that cannot be right counts as none.

    `country` is an ISO 3166-1 alpha-2 code; `identifiers` has the field names of `shared.events.values.Identifiers`.
    """
    company = company_in(name)
    return Description(
        read_name(name),
        read_name(native_name) if native_name else None,
        read_name(company) if company else None,
        read_address(address or ""),
        country,
        valid_identifiers(identifiers, country),
    )
