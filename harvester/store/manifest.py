"""What stands in the folder at the end of a run: paths, sizes, hashes, rows."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from harvester.durable import write_whole
from harvester.model.spool import Part
from harvester.store.folder import JobFolder, output_errors_named


def write_manifest(folder: JobFolder, run_id: str, parts: Sequence[Part]) -> None:
    """Replace the manifest by one of these parts, whole or not at all."""
    listed = [
        {"path": part.path, "bytes": part.bytes, "sha256": part.sha256, "rows": part.rows}
        for part in parts
    ]
    text = orjson.dumps({"run_id": run_id, "parts": listed}, option=orjson.OPT_INDENT_2)
    with output_errors_named(folder.root):
        write_whole(folder.manifest, text + b"\n", beside=folder.staging / "manifest.json")
