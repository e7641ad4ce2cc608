"""Whether files, ledger and raw responses agree, and endpoints with each other."""
