"""Rows into Parquet parts, each whole or not there at all (docs/storage.md)."""
