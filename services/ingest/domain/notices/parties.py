"""The parties of an OCDS release: name, ids and country. Contact points and addresses are not read."""

from services.ingest.domain.notices.notice import Data, as_supplier, number
from services.ingest.domain.notices.releases import inner, several, written
from shared.countries import resolve

LEI_SCHEMES = frozenset({"LEI", "XI-LEI"})


def firm_of(party: Data, reference: Data) -> tuple[Data, list[str]]:
    """A supplier with its ids, from the party that it refers to. Raises Unusable without a name."""
    name = written(party, "name") or written(reference, "name") or written(inner(party, "identifier"), "legalName")
    identifiers, registered = identifiers_of(party)
    address = inner(party, "address")
    return as_supplier(name, registered or written(address, "country") or written(address, "countryName"), identifiers)


def identifiers_of(party: Data) -> tuple[dict[str, str | None], str | None]:
    """The ids of a party by our names, and the country of the register that gave its organisation number.

    Schemes are those of org-id.guide, which begin with the country of the register, such as NO-BRC.
    """
    found: dict[str, str | None] = {}
    country = None
    for one in (inner(party, "identifier"), *several(party, "additionalIdentifiers")):
        scheme, given = (written(one, "scheme") or "").upper(), written(one, "id")
        if scheme in LEI_SCHEMES:
            found.setdefault("lei", given)
        elif "organisation_number" not in found and len(scheme) > 3 and scheme[2] == "-" and resolve(scheme[:2]):
            found["organisation_number"], country = number(given), scheme[:2]
    return found, country


def roles_of(party: Data) -> list[str]:
    roles = party.get("roles")
    return [one for one in roles if isinstance(one, str)] if isinstance(roles, list) else []
