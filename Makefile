# Everything a person or CI runs. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed

# Where this is set every process compiles all modules anew, and commands take several times as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-dialer test-rest soak check bench docs numbering format lock clean

help:            ## list these targets
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

demo: $(READY)   ## the tour: pretend phone systems, first sync, pages until Ctrl-C; keeps ./demo
	$(BIN)/trunkline demo --home demo

test: $(READY)   ## the whole test suite (bounded sizes)
	@$(MAKE) --no-print-directory --jobs 2 test-dialer test-rest

# What the dialer's functions say is heard by one process; it runs beside the others.
test-dialer:
	$(BIN)/python -m pytest -q -m "not soak" tests/dialer

test-rest:
	$(BIN)/python -m pytest -q -m "not soak" -n 4 --dist worksteal --ignore tests/dialer

soak: $(READY)   ## the full sizes of the crash, fuzz and load tests
	$(BIN)/python -m pytest -q -m soak

check: $(READY)  ## format, lint, types, generated docs
	$(BIN)/ruff format --check src tests bench scripts
	$(BIN)/ruff check src tests bench scripts
	$(BIN)/mypy
	$(BIN)/python -m trunkline.cli.reference --check
	$(BIN)/python -m scripts.numbering --check
	$(BIN)/python -m scripts.vendored --check

bench: $(READY)  ## speed and memory, one JSON line a figure
	$(BIN)/python bench/connectors.py
	$(BIN)/python -m bench.dialer

docs: $(READY)   ## write docs/reference from the declarations
	$(BIN)/python -m trunkline.cli.reference

numbering: $(READY) ## write the shipped area codes and postal codes anew
	$(BIN)/python -m scripts.numbering

format: $(READY) ## format the code
	$(BIN)/ruff format src tests bench scripts
	$(BIN)/ruff check --fix src tests bench scripts

lock: $(READY)   ## renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --custom-compile-command "make lock" --extra dev pyproject.toml -o requirements.lock

clean:           ## remove the environment, the demo and caches
	rm -rf $(VENV) demo .mypy_cache .pytest_cache .ruff_cache .hypothesis dist

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Trunkline needs Python 3.11 or newer. Name one: make PYTHON=/path/to/python3 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@
