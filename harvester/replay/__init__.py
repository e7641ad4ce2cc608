"""The rows that answers make, made again from raw responses."""
