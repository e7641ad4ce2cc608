"""Country names as Figshare spells them, placed on a map."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import pycountry

# Both spellings are Figshare's; on the map they are one.
UNKNOWN = frozenset({"unknown", "unkown", ""})
_SMALL_WORDS = {"the", "of", "and"}
# Names in use that ISO 3166 (pycountry) does not have.
_ALSO = {
    "Brunei": "BN",
    "Burma": "MM",
    "Cape Verde": "CV",
    "Caribbean Netherlands": "BQ",
    "Congo - Brazzaville": "CG",
    "Congo - Kinshasa": "CD",
    "DR Congo": "CD",
    "East Timor": "TL",
    "Great Britain": "GB",
    "Hong Kong SAR China": "HK",
    "Ivory Coast": "CI",
    "Kosovo": "XK",
    "Libyan Arab Jamahiriya": "LY",
    "Macao SAR China": "MO",
    "Macau": "MO",
    "Macedonia": "MK",
    "Micronesia": "FM",
    "Palestine": "PS",
    "Palestinian Territories": "PS",
    "Palestinian Territory": "PS",
    "Russia": "RU",
    "St. Helena": "SH",
    "Svalbard": "SJ",
    "Swaziland": "SZ",
    "Turkey": "TR",
    "UK": "GB",
    "Vatican City": "VA",
}


def is_unknown(name: str) -> bool:
    """Whether a name says that the country is not known."""
    return name.strip().casefold() in UNKNOWN


def placed(name: str) -> str | None:
    """The ISO 3166 alpha-2 code of a country's English name; None: no such country.

    `Korea, Republic of`, `Republic of Korea` and `South Korea` are the same place.
    """
    words = _key(name)
    return _places().get(words) if words else None


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    places: dict[str, str] = {}
    for country in pycountry.countries:
        for field in ("name", "common_name", "official_name"):
            if text := getattr(country, field, None):
                places.setdefault(_key(text), country.alpha_2)
        places.setdefault(_key(country.alpha_3), country.alpha_2)
    for name, code in _ALSO.items():
        places[_key(name)] = code
    return places


def _key(name: str) -> str:
    """The words of a name without accents, order, brackets and small words."""
    plain = unicodedata.normalize("NFKD", name[:200].replace("&", " and ")).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"\(.*?\)", " ", plain)
    plain = re.sub(r"\bst\b\.?", "saint", plain)
    words = [word for word in re.findall(r"[a-z]+", plain) if word not in _SMALL_WORDS]
    return " ".join(sorted(words))
