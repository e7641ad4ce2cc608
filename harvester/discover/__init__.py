"""Which entities a job is about: listings, their pages, metadata, counts of groups."""
