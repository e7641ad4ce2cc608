"""Requests in, judged replies out, politely; nothing about rows or files is known here."""
