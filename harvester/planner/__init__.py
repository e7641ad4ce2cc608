"""From what a job wants to the requests that bring it: lazily, in a stable order."""
