"""The words that every stage speaks: terms, windows, questions, requests, replies, rows."""
