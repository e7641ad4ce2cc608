"""Makes the script that draws the report's charts: Vega and Vega-Lite from npm, in one file.

When to run: to take newer versions in. Change `PACKAGES` and `npm.AS_OF`, then, with npm at hand,
`python -m docs.generate.vega`; look at a report before you commit.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path

from docs.generate.npm import installed

PACKAGES = {
    "vega": "6.4.0",
    "vega-interpreter": "2.3.2",
    "vega-lite": "6.5.0",
    "vega-tooltip": "1.1.0",
}
ESBUILD = {"esbuild": "0.28.2"}  # puts them together; nothing of it is in the script

ENTRY = Path(__file__).with_name("vega_entry.js")
ASSETS = Path(__file__).parents[2] / "harvester" / "report" / "assets" / "vega"
# Browsers of the last four years; older ones would need longer code.
_TARGET = "es2022"
# Packages that lie inside the files of another.
_INSIDE = {"d3-delaunay": ("delaunator", "robust-predicates")}
_PERMISSIVE = {"BSD-3-Clause", "ISC", "MIT", "Unlicense"}
_BANNER = (
    "/*! {packages}, with what they depend on. Copyright their authors; licences (BSD-3-Clause, ISC"
    " and the like): harvester/report/assets/vega/LICENSES.txt of figshare-stats-harvester. */"
)


def main() -> None:
    """Write the script, the table of its packages, and their licences."""
    ASSETS.mkdir(exist_ok=True)
    with installed(PACKAGES | ESBUILD) as modules:
        script, sources = _bundled(modules)
        folders = _folders(sources)
        packages = [_described(folder) for folder in folders]
        licences = _licences(folders, sources)
    (ASSETS / "vega.js").write_bytes(script)
    (ASSETS / "LICENSES.txt").write_text(licences, encoding="utf-8")
    about = {"script": "vega.js", "bytes": len(script)}
    about |= {"sha256": hashlib.sha256(script).hexdigest()}
    # A line a package: a newer version is seen as one.
    lines = ",\n".join(f"  {json.dumps(each)}" for each in packages)
    text = json.dumps(about, indent=1).removesuffix("\n}") + f',\n "packages": [\n{lines}\n ]\n}}\n'
    (ASSETS / "vega.json").write_text(text, encoding="utf-8")


def _bundled(modules: Path) -> tuple[bytes, list[Path]]:
    """The script, and the files of packages that it is made of."""
    folder = modules.parent
    (folder / "entry.js").write_bytes(ENTRY.read_bytes())
    named = ", ".join(f"{name} {version}" for name, version in PACKAGES.items())
    words = [
        "node", "node_modules/esbuild/bin/esbuild", "entry.js", "--bundle", "--minify",
        "--format=iife", f"--target={_TARGET}", "--legal-comments=none", "--outfile=vega.js",
        "--metafile=meta.json", "--log-level=warning",
        f"--banner:js={_BANNER.format(packages=named)}",
    ]  # fmt: skip
    subprocess.run(words, cwd=folder, check=True)
    parts = json.loads((folder / "meta.json").read_bytes())["outputs"]["vega.js"]["inputs"]
    used = [path for path, part in parts.items() if part["bytesInOutput"] and path != "entry.js"]
    return (folder / "vega.js").read_bytes(), sorted(folder / path for path in used)


def _folders(sources: list[Path]) -> list[Path]:
    """The packages' folders; one package may be there in two versions."""
    found = set()
    for path in sources:
        folder = next(each for each in path.parents if (each / "package.json").exists())
        found |= {folder, *(folder.parent / name for name in _INSIDE.get(folder.name, ()))}
    return sorted(found, key=lambda folder: (folder.name, str(folder)))


def _described(folder: Path) -> dict[str, str]:
    about = json.loads((folder / "package.json").read_bytes())
    if about["license"] not in _PERMISSIVE:
        raise SystemExit(f"{about['name']} is under {about['license']}: may it be shipped?")
    return {"name": about["name"], "version": about["version"], "licence": about["license"]}


def _licences(folders: list[Path], sources: list[Path]) -> str:
    """Each licence's text once, under what it covers."""
    covered: dict[str, list[str]] = {}
    for folder in folders:
        files = sorted(each for each in folder.iterdir() if each.name.upper().startswith("LICEN"))
        if not files:
            raise SystemExit(f"{folder.name} has no licence file")
        about = _described(folder)
        text = files[0].read_text(encoding="utf-8").strip()
        covered.setdefault(text, []).append(f"{about['name']} {about['version']}")
    for path in sources:
        # Code that a package took over from others, whose terms stand in a comment there.
        for comment in re.findall(r"/\*(.*?)\*/", path.read_text(encoding="utf-8"), re.DOTALL):
            if re.search("Redistribution and use|Permission is hereby granted", comment):
                covered.setdefault(comment.strip(), []).append(f"parts of {path.name}")
    rule = "-" * 80
    return (
        "\n\n".join(f"{rule}\n{', '.join(who)}\n\n{text}" for text, who in covered.items()) + "\n"
    )


if __name__ == "__main__":
    main()
