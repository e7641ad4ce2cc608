"""The measurements of docs/benchmarks.md: `python -m tests.bench [latency memory pace plan]`."""
