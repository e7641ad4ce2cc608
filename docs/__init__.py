"""Documents, and the generators of documents and assets."""
