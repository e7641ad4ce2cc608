"""Country names as Figshare spells them, placed on a map."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from importlib import resources

# Both spellings are Figshare's; on the map they are one.
UNKNOWN = frozenset({"unknown", "unkown", ""})
_SMALL_WORDS = {"the", "of", "and"}


def is_unknown(name: str) -> bool:
    """Whether a name says that the country is not known."""
    return name.strip().casefold() in UNKNOWN


def placed(name: str) -> str | None:
    """The ISO 3166 alpha-2 code of a country's English name; None: no such country.

    `Korea, Republic of`, `Republic of Korea` and `South Korea` are the same place.
    """
    words = name_key(name)
    return _places().get(words) if words else None


@lru_cache(maxsize=1)
def _places() -> dict[str, str]:
    asset = resources.files("harvester.report") / "assets" / "countries" / "names.json"
    known = json.loads(asset.read_text(encoding="utf-8"))
    return {name_key(name): code for code, names in known.items() for name in names}


def name_key(name: str) -> str:
    """What the spellings of a name share: words without accents, order, brackets, small words."""
    plain = unicodedata.normalize("NFKD", name[:200].replace("&", " and ")).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"\(.*?\)", " ", plain)
    plain = re.sub(r"\bst\b\.?", "saint", plain)
    words = [word for word in re.findall(r"[a-z]+", plain) if word not in _SMALL_WORDS]
    return " ".join(sorted(words))
