# `make run` and `make test` need Python 3.11 or newer, git and make; everything else they fetch themselves.
# Variables: PYTHON, PORT, BIND, DATABASE_URL (docs/operations-local.md), SIZE (of the demo: small or large),
# ARGS (more arguments for the command).

PYTHON ?= python3
SIZE ?= small
SOAK_DEVICES ?= 8
SOAK_RUNS ?= 1000
SOAK_STEPS ?= 50
BIN := .venv/bin

.PHONY: run test soak check check-types check-rest check-migrations setup lock bench demo manage clean clean-data

run: setup ## Start everything: database, web, worker
	@exec $(BIN)/python -m tenants.local.run

test: setup ## Run all tests
	@sh tools/browser.sh
	@# Three processes even on two cores: many tests wait for a server, a worker or a browser.
	$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

soak: setup ## Phones over bad lines, for hours: SOAK_DEVICES, SOAK_RUNS, SOAK_STEPS
	SOAK_DEVICES=$(SOAK_DEVICES) SOAK_RUNS=$(SOAK_RUNS) SOAK_STEPS=$(SOAK_STEPS) \
	  $(BIN)/python -m pytest tests/sync/test_soak.py -q $(ARGS)

check: setup ## Everything that can be judged without running the tests
	@$(MAKE) --no-print-directory -j 3 -O check-migrations check-types check-rest

check-migrations:
	$(BIN)/python -m tests.support.template

check-types:
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

check-rest:
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m tenants.local.manage makemigrations --check --dry-run
	$(BIN)/python tools/with_throwaway_secrets.py check --deploy --fail-level WARNING
	$(BIN)/python -m tenants.local.manage openapi --check
	$(BIN)/python tools/messages.py --check

setup: ## The virtual environment as locked, and compiled translations
	@PYTHON="$(PYTHON)" sh tools/setup.sh

lock: setup ## Resolve requirements/*.in into the hash-locked requirements/*.txt
	@sh tools/lock.sh $(ARGS)

bench: setup ## Measurements; ARGS names a case
	$(BIN)/python -m tenants.local.manage bench $(ARGS)

demo: setup ## Make the demo organisations where they are missing; SIZE=large for 100,000 activities
	$(BIN)/python -m tenants.local.manage seed_demo --size $(SIZE) $(ARGS)

manage: setup ## Any management command, beside the embedded database: make manage ARGS="create_organization --help"
	@$(BIN)/python -m tenants.local.manage $(ARGS)

clean: ## Remove what is made again: virtual environment, test database, caches
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m tenants.local.forget var/test-postgres; fi
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache test-results
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name '*.mo' -exec rm -f {} +

clean-data: setup ## Delete the development database, its files and its secrets
	@$(BIN)/python -m tenants.local.forget var/postgres var/test-postgres
	rm -rf var
