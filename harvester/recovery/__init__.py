"""What a folder lost, brought back: parts from responses, the ledger from files."""
