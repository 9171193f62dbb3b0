"""What the words of names and addresses are worth: generic words tell companies apart badly, places name branches.

The lists hold words of trades, legal forms and streets, and names of places: never the name of a company.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache

from anyascii import anyascii

from shared.countries import alpha2_codes, name_of
from shared.place_names import place_names

WORDS = re.compile(r"[a-z]+|[0-9]+")
"""Words and numbers, also where they were written together: "No8", "21B"."""


def listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


def meanings(text: str) -> dict[str, str]:
    """A table of "words: meaning", divided by bars; a meaning of "-" is none."""
    found: dict[str, str] = {}
    for entry in text.split("|"):
        words, meaning = entry.split(":")
        found |= dict.fromkeys(words.split(), meaning.strip().removeprefix("-"))
    return found


STRUCTURE = listed("and the of for de del la los y e et und group grp holding holdings continued")
"""Words that say how a company is held, or nothing: one spelling has them and another has not."""

FORMS_ANYWHERE = listed(
    "ltd limited inc incorporated corp corporation company co pvt private llc plc gmbh bhd sdn pte pty ltda limitada"
)
"""Legal forms that mean nothing else, dropped wherever they stand."""

SHORTENED = meanings(
    """
    tech technologie: technology | mfg mfrs manufacture manufacturer manufactory: manufacturing |
    electronic elec: electronics | electrical: electric | industry industrie ind: industrial |
    intl int: international | eng engg: engineering | optical: optic | aluminum: aluminium | dev: development |
    prec: precision | comm: communication | sci: science | semi: semiconductor | unitedstates: usa | hk: hongkong |
    sz: shenzhen | packing pkg: packaging | factories fty: factory | mills: mill | clothes: clothing |
    enterprises: enterprise
    """
)
"""Abbreviations and inflections of trade words."""

GENERIC = listed(
    """
    accessory advance advanced aluminium apparel applied art assembly associate auto automation automotive battery bag
    board business cable center centre ceramic chemical chemistry circuit clothing coating communication component
    composite computer connector consumer copper cosmetic creation crystal cutting data denim design development device
    die digital display dyeing electric electro electronics embroidery energy engineering enterprise equipment export
    exporter extrusion fabric factory fashion fastener fastening fiber fibre film finishing footwear foundry functional
    garment general glass global glove hardware headwear high hosiery hi home house import industrial information
    innovation instrument integrated intelligent interconnect interconnection international jewelry knit knitting
    knitwear label laboratory leather lighting line logistic machine machinery manufacturing marketing material
    mechanical mechatronics medical metal micro microelectronics mill mineral mining mobile mold molding mould moulding
    new network optic optics optoelectronics opto outerwear overseas packaging paint paper part photonics plant plastic
    polymer power precise precision print printed printing process processing product production project property
    quality resource research rubber sales science scientific screw semiconductor sensor service shoe shoes silk smart
    software solution specialty sport sports sportswear steel storage stone supply surface sweater switch system
    technical technology textile thread tool tooling trade trading treatment trim unit united universal washing wear
    weaving wire wood wool work works workshop world worldwide yarn zipper
    """
)
"""Words of trades, in the singular: they say what is made, not who makes it."""

DIRECTIONS = listed(
    "north south east west southwest southeast northwest northeast northern southern eastern western upper lower inner "
    "outer middle"
)

ADDRESS_WORDS = meanings(
    """
    rd lu: road | str strasse st jie rua calle: street | ave av avenida dadao: avenue | dr: drive | blvd: boulevard
    | hwy: highway | ln: lane | pkwy: parkway | dist distr qu: district | mid: middle | zhen township twp: town |
    cun vill villlage: village | prov: province | ind industry industries indl indsl: industrial |
    area estate park parkway: zone | eco econ economical economy: economic | dev devt: development |
    technological technologic technical tech hitech hightech: technology | f fl flr: floor | sw: southwest |
    nw: northwest | se: southeast | ne: northeast | scientific: science | bldg bld: building | blk: block |
    sec: section | ph: phase | sub u: - | opp: opposite | mt: mount | n: north | s: south | e: east | w: west |
    jln: jalan | pc: postcode | kec: kecamatan | kab: kabupaten | ds: desa
    """
)
"""Abbreviations and near-synonyms in addresses."""

ADDRESS_GENERIC = listed(
    """
    no nr num number road street avenue drive boulevard highway lane way district town village city province county
    prefecture state region municipality commune community subdistrict zone industrial economic development technology
    high hi new free trade export processing special bonded building block floor section phase plot lot unit room suite
    factory plant workshop site gate branch office sub and the of at in to near opposite postcode zip pin po box post
    business center centre industrialize science complex campus free open tower house p c km road ward mandal taluk
    taluka tehsil thana ps upazila sadar bazar bazaar via strada rodovia bairro colonia col parque zona industriale
    industrielle jalan kawasan desa kecamatan kabupaten kota mukim taman lorong moo tambon amphur amphoe soi khet
    machi cho chome shi ku gun ken oaza aza mura dong ro gil si do gu eup myeon ri ga
    barangay brgy bo barrio purok sector group team administration management committee
    residential land east side service urban commercial
    """
)
"""Words that addresses are made of: the kinds of streets, places and premises."""

ORDINALS = meanings(
    """
    first one: 1 | second two ii: 2 | third three iii: 3 | fourth four iv: 4 | fifth five: 5 | sixth six vi: 6 |
    seventh seven vii: 7 | eighth eight viii: 8 | ninth nine: 9 | tenth ten: 10
    """
)

NATIVE = meanings(
    """
    有限责任公司 股份有限公司 有限公司 有限會社 有限会社 유한회사: ltd | 株式会社 株式會社 주식회사: corp |
    公司: company | 集团 集團: group | 控股: holdings | 股份: - | 科技 技术 技術: technology |
    电子 電子: electronics | 电器 電器: electric | 精密: precision | 工业 工業 实业 實業: industrial |
    国际 國際: international | 制造 製造: manufacturing | 材料: material | 塑胶 塑膠: plastic |
    金属 金屬: metal | 包装 包裝: packaging | 印刷: printing | 纺织 紡織: textile | 服装 服裝: garment |
    半导体 半導體: semiconductor | 电池 電池: battery | 光电 光電: optoelectronics | 工厂 工廠: factory |
    省: province | 市: city
    """
)
"""Legal forms and trade words in Chinese, Japanese and Korean, before the rest of a name is romanised."""

MOJIBAKE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]")
APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")


@lru_cache(maxsize=8192)  # an address or name comes in many rows
def romanise(text: str) -> str:
    """Lower-case Latin text: UTF-8 that was read as Windows-1252 repaired, other scripts romanised, no apostrophes."""
    text = unicodedata.normalize("NFKC", repair(text))
    if not text.isascii():
        for word, meaning in NATIVE.items():
            text = text.replace(word, f" {meaning} ")
        text = anyascii(text)
    return APOSTROPHES.sub("", text.lower())


def repair(text: str) -> str:
    """The text as it was before UTF-8 was read as Windows-1252; unchanged where that cannot have happened."""
    if not MOJIBAKE.search(text):
        return text
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


@cache
def places() -> frozenset[str]:
    """Names of cities, provinces and countries, those of two words written together."""
    countries = {romanise(name_of(code)) for code in alpha2_codes()}
    found = {"".join(re.findall("[a-z0-9]+", name)) for name in (*countries, *OTHER_COUNTRY_NAMES)}
    return (place_names() | found) - GENERIC - STRUCTURE


OTHER_COUNTRY_NAMES = (
    "usa",
    "united states",
    "america",
    "korea",
    "uk",
    "great britain",
    "vietnam",
    "czech republic",
    "taiwan",
)


def join_places(words: Sequence[str]) -> list[str]:
    """The words, those that together name a place joined: "ho chi minh"."""
    joined: list[str] = []
    for word in words:
        for length in (2, 1):
            together = "".join(joined[-length:]) + word
            if len(joined) >= length and together in places():
                joined[-length:] = [together]
                break
        else:
            joined.append(word)
    return joined
