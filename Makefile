# Every target prepares the environment itself: all it needs is Python 3.11, 3.12 or 3.13 with
# venv (`make PYTHON=python3.12 test` names another one). The README gives the same without make.
PYTHON ?= $(or $(shell command -v python3.11),$(shell command -v python3))
BIN := .venv/bin
X ?= A

# Libraries are installed without bytecode: each process would compile anew what it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test check prove bench shows site lock release bundle

help: ## List the targets
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/'

setup: ## Make .venv from requirements.lock (at once when it is fresh)
	@"$(PYTHON)" scripts/setup.py

demo: setup ## The 2021 pilot, simulated, beside what was measured; under a minute
	@$(BIN)/etalon demo --quick

test: setup ## The tests (ETALON_EFFORT=20 digs deeper)
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

check: setup ## Lint, types, imports, formatting, lock, generated documents, results
	@$(BIN)/python scripts/check.py

prove: setup ## The long proofs, item by item; finished items are not run again
	@$(BIN)/python scripts/measure.py prove $(ITEMS)

bench: setup ## The benchmarks; each writes benchmarks/results/NAME.json
	@$(BIN)/python scripts/measure.py bench $(ITEMS)

shows: setup ## What an issue promised to show: make shows X=A
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash tests/shows/$(X).sh

site: setup ## The documents as a site, offline: build/site/index.html
	@$(BIN)/python scripts/documentation_site.py

lock: setup ## Resolve requirements.lock again from pyproject.toml and requirements.in
	@$(BIN)/python scripts/lock.py

release: setup ## Build wheel and source archive in dist/, the same bytes twice, and check them
	@$(BIN)/python scripts/release.py

bundle: setup ## Every wheel for one system with digests, to install offline (BUNDLE="--python 3.12")
	@$(BIN)/python scripts/bundle.py $(BUNDLE)
