"""Why two names are taken for one supplier or site, or not: the codes of the comparison, in words."""

WORDS = {
    "same_lei": "the same LEI",
    "same_os_id": "the same OS ID",
    "same_rba_id": "the same RBA id",
    "same_smelter_id": "the same smelter id",
    "same_duns": "the same DUNS number",
    "same_organisation_number": "the same organisation number",
    "same_name": "the same name",
    "same_alias": "the same name in brackets",
    "same_words": "the same words in another order",
    "name_alike": "the names are alike",
    "same_address": "the same address",
    "address_alike": "the addresses are alike",
    "no_address": "one has no address",
    "region_only": "only the region is known",
    "further_number": "one address has a further number",
    "other_lei": "another LEI",
    "other_id": "another id of the same kind",
    "other_duns": "another DUNS number",
    "other_organisation_number": "another organisation number",
    "other_name": "another name",
    "other_word": "another word in the name",
    "other_trade": "another trade in the name",
    "other_number": "another number in the name",
    "other_place_in_name": "another place in the name",
    "other_address": "another address",
    "other_direction": "another direction in the address",
    "other_country": "another country",
}


def in_words(code: str) -> str:
    """A reason as a person reads it; one that is not listed by its own code."""
    return WORDS.get(code, code.replace("_", " "))
