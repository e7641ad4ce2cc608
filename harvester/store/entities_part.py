"""The entities/ dataset: one part a kind, replaced under its own name."""

from __future__ import annotations

from collections.abc import Iterable

from harvester.model.dates import epoch_day, to_micros
from harvester.model.entity import EntityRow
from harvester.model.rows import Columns, Dataset
from harvester.model.spool import Part
from harvester.model.terms import Kind
from harvester.store.buffer import RowBuffer
from harvester.store.part_writer import Staging

# Rows are gathered one by one; this bounds the memory of a hundred thousand titles.
_ROWS_PER_WRITE = 10_000
ENTITIES_FILE = "entities.parquet"


def entities_path(kind: Kind) -> str:
    """Where the part of a kind lies, below the job's folder."""
    return f"{Dataset.ENTITIES}/entity={kind.value}/{ENTITIES_FILE}"


def write_entities(staging: Staging, kind: Kind, lines: Iterable[EntityRow]) -> Part:
    """Stage the part of a kind, whole; without lines it holds the schema."""
    buffer = RowBuffer(Dataset.ENTITIES)
    with staging.part(entities_path(kind), Dataset.ENTITIES) as writer:
        for line in lines:
            buffer.add(Columns(Dataset.ENTITIES, 1, {}), _row(line))
            if buffer.rows >= _ROWS_PER_WRITE:
                writer.write(buffer.packed())
        if buffer.rows:
            writer.write(buffer.packed())
        return writer.finish()


def _row(line: EntityRow) -> dict[str, object]:
    entity = line.entity
    published, online, listed = entity.published_date, entity.first_online, line.last_listed
    return {
        "entity_id": entity.id,
        "title": entity.title,
        "doi": entity.doi,
        "defined_type_name": entity.defined_type_name,
        "group_id": entity.group_id,
        "parent_id": entity.parent_id,
        "published_date": epoch_day(published) if published else None,
        "first_online": epoch_day(online) if online else None,
        "url": entity.url,
        "source": line.source,
        "last_listed": epoch_day(listed) if listed else None,
        "is_listed": line.is_listed,
        "harvested_at": to_micros(line.harvested_at) if line.harvested_at else None,
    }
