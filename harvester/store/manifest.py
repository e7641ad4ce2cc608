"""What stands in the folder at the end of a run: paths, sizes, hashes, rows."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from harvester.durable import sync_file, sync_folder
from harvester.model.spooled import Part
from harvester.store.folder import JobFolder, write_errors_named


def write_manifest(folder: JobFolder, run_id: str, parts: Sequence[Part]) -> None:
    """Replace the manifest by one of these parts, whole or not at all."""
    listed = [
        {"path": part.path, "bytes": part.bytes, "sha256": part.sha256, "rows": part.rows}
        for part in parts
    ]
    text = orjson.dumps({"run_id": run_id, "parts": listed}, option=orjson.OPT_INDENT_2)
    with write_errors_named(folder.root):
        beside = folder.staging / "manifest.json"
        beside.write_bytes(text + b"\n")
        sync_file(beside)
        beside.replace(folder.manifest)
        sync_folder(folder.inner)
