"""The run's memory: one SQLite file beside the datasets it speaks of."""
