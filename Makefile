# Needs Python 3.11 or later, git and make; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Two at once would install into one environment.
.NOTPARALLEL:
.PHONY: demo test test-all test-lowest lint audit soak bench bench-full clean

# Runs the demo job on the embedded simulator and asks its Parquet a question.
demo: .venv/demo
	@$(BIN)/harvester run configs/demo.yaml
	@echo "views and downloads of the ten most viewed articles, from output/demo:"
	@$(BIN)/python -c 'import harvester; harvester.open("output/demo").sql("\
	  select entity_id as article, views, downloads from articles_totals \
	  order by views desc, article limit 10").show()'

# Every promise, with few examples of each: under five minutes on two cores.
test: .venv/ready
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

# All that is not slow, with all examples, each command in a process of its own.
test-all: .venv/ready
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow"

# The quick tests on the lowest versions of what a user installs, in an environment of its own.
test-lowest: .venv/made
	$(INSTALL) uv
	$(BIN)/uv venv --quiet --clear .venv/lowest
	$(BIN)/uv pip install --quiet --python .venv/lowest --resolution lowest-direct --editable '.[dev]'
	.venv/lowest/bin/python -m pytest -q -n 2 --dist loadfile

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml harvester

# Whether anything installed is known to be unsafe: asks the package index, so it needs the internet.
audit: .venv/ready
	$(BIN)/pip-audit --local --skip-editable --progress-spinner off

# The tests that take minutes; their results go into docs/reliability.md.
soak: .venv/ready
	$(BIN)/python -m tests.soak

# Measurements that take a quarter of an hour; results in output/bench. `python -m tests.bench
# PART` measures one part.
bench: .venv/ready
	$(BIN)/python -m tests.bench

# All measurements, for a night; results, tables and charts in docs/.
bench-full: .venv/ready
	$(BIN)/python -m tests.bench --full --results docs/benchmarks

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis output/demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Three stamps: the environment, what a user installs (all that the demo needs), and, with it, the
# developers' tools, which take twice as long.
.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; if it has another name here: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "this Python lacks venv; on Debian and Ubuntu: sudo apt install python3-venv"; exit 2; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/demo: .venv/made pyproject.toml
	$(INSTALL) --editable .
	@touch $@

.venv/ready: .venv/made pyproject.toml
	$(INSTALL) --editable '.[dev]'
	@touch .venv/demo $@
