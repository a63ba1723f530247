# Every task by name. `make` alone prints this list; CONTRIBUTING.md says when to use which.

# Compiled modules make starts three times faster, so a setting that forbids them is dropped.
unexport PYTHONDONTWRITEBYTECODE
export UV_COMPILE_BYTECODE = 1
export UV_NO_PROGRESS = 1

PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo "$$each"; break; }; done)
BIN := .venv/bin
WORKERS ?= 2
KILLS ?= 1000
TYPED := src tests tools $(wildcard benchmarks)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check format-check lint types contracts bench soak conformance docs format changelog lock clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The venv: pins with hashes, from one file. uv itself is taken from that file, by its hash.
.venv/.ok: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make a virtual \
	environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --require-hashes -r .venv/uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

run: .venv/.ok ## start a demo node in ./var: log, signer and web; prints its address
	@$(BIN)/kimberlite run

test: .venv/.ok ## run every test (browser tests need Chromium, and are skipped without)
	@tools/need chromium chromium chromium-browser google-chrome || true
	@$(BIN)/python -m pytest --quiet -n $(WORKERS)

check: format-check lint types contracts test ## everything that must be green before landing

format-check: .venv/.ok ## is the layout of every file as the formatter leaves it
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }

lint: .venv/.ok ## ruff, with every waiver's reason in pyproject.toml
	@$(BIN)/ruff check --quiet .

types: .venv/.ok ## mypy, strict
	@$(BIN)/mypy $(TYPED)

contracts: .venv/.ok ## rooms import only downwards (import-linter)
	@$(BIN)/lint-imports

bench: .venv/.ok ## measure; one JSON object a line
	@$(BIN)/python -m benchmarks

soak: .venv/.ok ## the kill -9 tests, KILLS=1000 times
	@KIMBERLITE_KILLS=$(KILLS) $(BIN)/python -m pytest --quiet -m kill tests/integration

conformance: .venv/.ok ## printed pages judged by veraPDF and the EU's DSS (needs Java and Maven)
	@$(BIN)/python -m tools.conformance

docs: .venv/.ok ## write the generated pages of docs/ (catalogue, codes, clauses, decisions)
	@$(BIN)/python -m tools.documents

format: .venv/.ok ## lay out every file, and sort imports
	@$(BIN)/ruff check --quiet --select I --fix .
	@$(BIN)/ruff format --quiet .

changelog: .venv/.ok ## preview the next section; VERSION=0.2.0 folds changelog.d/ into CHANGELOG.md
	@$(BIN)/python tools/changelog.py $(if $(VERSION),--version $(VERSION) --write)

lock: .venv/.ok ## renew requirements.lock from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet -o requirements.lock

clean: ## remove the venv, caches and builds; never ./var
	@rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
