# Engage. `make` alone shows this help. Needs Python 3.11, Java 17 or later, Maven and make; nothing else.

PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
ENGAGE := $(BIN)/engage

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint up down status bench faults compose-password contracts lock clean

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with everything that is pinned, checked by hash

# uv comes from PyPI into the venv, so that no tool has to be there before.
$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing: install it, or run 'make PYTHON=/path/to/python3.11'." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

demo: setup ## Watch real supplier lists go from a file to e-mails, through Kafka and four services
	@$(ENGAGE) demo

# Tests of the whole stack mostly wait, the others mostly reckon: side by side they take the time of one.
STACK_TESTS := tests/journeys tests/faults
STACK_SAID  := .stack-tests.log

test: setup ## Run all tests on a real Kafka, Postgres and SMTP server
	@$(BIN)/pytest $(STACK_TESTS) > $(STACK_SAID) 2>&1 & stack=$$!; \
	$(BIN)/pytest $(addprefix --ignore=,$(STACK_TESTS)) && parts=0 || parts=$$?; \
	echo "waiting for the tests of the whole stack ($(STACK_TESTS)), which have run beside these"; \
	wait $$stack && whole=0 || whole=$$?; cat $(STACK_SAID); exit $$((parts ? parts : whole))

lint: setup ## Check style, types, import contracts, generated contracts and the compose file
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m shared.events.schemas --check
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

up: setup ## Start the local stack in the background
	@$(ENGAGE) up --detach

down: setup ## Stop the local stack; its data stay
	@$(ENGAGE) down

status: setup ## Say what runs, where, and how far behind it is
	@$(ENGAGE) status

bench: setup ## Measure the spine beside its peers, in under three minutes
	@$(BIN)/python -m tests.benchmarks

faults: setup ## The crash test alone, with its counts printed
	@$(BIN)/pytest tests/faults -s

compose-password: ## Draw the password of compose.yaml's database, once
	@mkdir -p -m 0700 .compose
	@test -s .compose/postgres_password || (umask 077; $(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(32))' > .compose/postgres_password)

contracts: setup ## Write the JSON Schemas anew after a change of the event models
	@$(BIN)/python -m shared.events.schemas --write

lock: setup ## Resolve the dependencies anew into requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --all-extras \
		--python-version 3.11 --upgrade pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
		--python-version 3.11 --constraint requirements.lock pyproject.toml -o deploy/requirements.lock

clean: ## Stop the local stack and remove its state, caches and .venv
	@if [ -x $(ENGAGE) ]; then $(ENGAGE) down; fi
	@rm -rf .engage $(VENV) .mypy_cache .ruff_cache .pytest_cache $(STACK_SAID) .hypothesis .import_linter_cache *.egg-info
