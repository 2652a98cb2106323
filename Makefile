# Everything a fresh machine needs is Python 3.11 or newer (with its venv module) and make: `make help` lists the rest.
#
# Environments apart, on purpose. `.venv` holds an editable install: `make run` sees an edited scenario or module at once
# and has nothing to do the second time. `.venv-test` holds the wheel, built and installed as a user would get it, so
# that a file missing from the package fails the tests. `.venv-bench` holds the tools that Playout is measured beside,
# `.venv-solutions` the one that solves games for it to be held against. Each step leaves a stamp file, so only what changed
# is redone.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first interpreter that is new enough and can make environments; `make run PYTHON=/path/to/python` overrules.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)

RUN := .venv
TEST := .venv-test
BENCH := .venv-bench
SOLUTIONS := .venv-solutions
LOCK := .venv-lock
PIP_QUIET := --quiet --disable-pip-version-check

# Nothing is built from source, so no compiler is needed: where a requirement has no wheel for a machine, pip says so at
# once. `make run WHEELS=` lets it build what it must.
WHEELS ?= --only-binary :all:
LOCKED := -m pip install $(PIP_QUIET) --require-hashes

# What the wheel is made of: a change in any of these rebuilds it.
PACKAGE_FILES := pyproject.toml README.md LICENSE $(shell find src -type f -not -path '*/__pycache__/*' 2>/dev/null | sed 's/ /\\ /g')
# So that a deleted file rebuilds the wheel too, the list itself is kept in a file that changes when the list does.
PACKAGE_LIST := $(TEST)/.package-files

# Arguments handed on: make run ARGS="--futures 20000 --seed 7", make test PYTEST_ARGS="-k belief"
ARGS ?=
PYTEST_ARGS ?=
WORKERS ?= 2

.PHONY: help
help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

# --- running ----------------------------------------------------------------------------------------------------------

.PHONY: run
run: $(RUN)/.installed ## install if needed, play the flagship, print the summary and where the report is
	@$(RUN)/bin/playout run $(ARGS)

$(RUN)/.dependencies: requirements.lock | python
	@echo "Installing what Playout needs into $(RUN) (once; about a minute) ..." >&2
	@$(PYTHON) -m venv --clear $(RUN)
	@$(RUN)/bin/python $(LOCKED) $(WHEELS) -r requirements.lock
	@touch $@

$(RUN)/.installed: $(RUN)/.dependencies pyproject.toml
	@$(RUN)/bin/python -m pip install $(PIP_QUIET) --no-deps --no-build-isolation --editable .
	@touch $@

# --- checking ---------------------------------------------------------------------------------------------------------

.PHONY: test
test: lint types imports browser ## lint, types, the import contract, and every test but the long ones
	$(TEST)/bin/pytest -n $(WORKERS) -m "not long and not bench and not beside" $(PYTEST_ARGS)

.PHONY: test-long
test-long: $(TEST)/.installed ## the tests that take minutes
	$(TEST)/bin/pytest -n $(WORKERS) -m long --timeout 3600 $(PYTEST_ARGS)

.PHONY: bench
bench: $(BENCH)/.installed $(TEST)/.installed ## measure speed, beside other tools (ARGS="--tables FOLDER": recruitment too)
	$(BENCH)/bin/playout bench --out benchmarks/figures.json $(ARGS)
	$(TEST)/bin/pytest -m bench --timeout 3600 -s $(PYTEST_ARGS)
	$(BENCH)/bin/pytest tests/bench -m beside --timeout 3600 $(PYTEST_ARGS)

# odfpy, which PySD reads spreadsheets with, comes as source alone. It is plain Python: no compiler is needed for it.
$(BENCH)/.dependencies: benchmarks/requirements.lock | python
	@echo "Installing the tools to be measured into $(BENCH) (once; some minutes) ..." >&2
	@$(PYTHON) -m venv --clear $(BENCH)
	@$(BENCH)/bin/python $(LOCKED) $(WHEELS) --no-binary odfpy -r benchmarks/requirements.lock
	@touch $@

$(BENCH)/.installed: $(BENCH)/.dependencies pyproject.toml
	@$(BENCH)/bin/python -m pip install $(PIP_QUIET) --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: document
document: $(RUN)/.installed ## make what the documentation takes from scenarios anew: equations, tables, diagrams, figures (minutes)
	$(RUN)/bin/python docs/refresh.py --all

.PHONY: lint
lint: $(TEST)/.dependencies ## ruff: lint and format
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .

.PHONY: types
types: $(TEST)/.dependencies ## mypy, strict
	$(TEST)/bin/mypy

.PHONY: imports
imports: $(TEST)/.installed ## the import contract: data walks one way
	$(TEST)/bin/lint-imports

# The report is looked at in a real browser. Where it can be installed it is; elsewhere the tests that need it say so.
.PHONY: browser
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null && echo "Installing chromium ..." >&2 && \
		apt-get update -qq && apt-get install -qq -y chromium >/dev/null; } || \
		echo "No Chromium here: the tests of the report in a browser will be skipped." >&2

.PHONY: format
format: $(TEST)/.dependencies ## put the code in ruff's format and mend what it can
	$(TEST)/bin/ruff check --fix .
	$(TEST)/bin/ruff format .

$(TEST)/.dependencies: requirements-dev.lock | python
	@echo "Installing what the checks need into $(TEST) (once; about a minute) ..." >&2
	@$(PYTHON) -m venv --clear $(TEST)
	@$(TEST)/bin/python $(LOCKED) $(WHEELS) -r requirements-dev.lock
	@touch $@

.PHONY: FORCE
$(PACKAGE_LIST): $(TEST)/.dependencies FORCE
	@printf '%s\n' $(PACKAGE_FILES) | sort | cmp -s - $@ || printf '%s\n' $(PACKAGE_FILES) | sort > $@

$(TEST)/.installed: $(PACKAGE_FILES) $(PACKAGE_LIST)
	@rm -rf $(TEST)/wheel
	@$(TEST)/bin/python -m pip wheel $(PIP_QUIET) --no-deps --no-build-isolation --wheel-dir $(TEST)/wheel .
	@$(TEST)/bin/python -m pip install $(PIP_QUIET) --no-deps --force-reinstall $(TEST)/wheel/playout-*.whl
	@touch $@

# --- calibrating ------------------------------------------------------------------------------------------------------

# The raw records are not in the repository: DATA names their folder, and the program says what it looked for.
.PHONY: calibrate
calibrate: $(RUN)/.installed ## fit the flagship to the record anew and write its table (DATA=FOLDER: the raw records)
	@$(RUN)/bin/python -m calibration --write $(if $(DATA),--data "$(DATA)") $(ARGS)

# --- what other tools find --------------------------------------------------------------------------------------------

# What our solver of games and our search for boxes are held to is kept beside the tests. To find it anew takes pygambit,
# which has no wheel for some machines and is then built, and the EMA Workbench: only here.
.PHONY: solutions
solutions: $(SOLUTIONS)/.installed $(BENCH)/.installed ## find anew what the tests hold us to (may need a C++ compiler and ten minutes)
	PYTHONPATH=tests $(SOLUTIONS)/bin/python tests/solutions/by_gambit.py
	PYTHONPATH=tests $(BENCH)/bin/python tests/solutions/by_ema_workbench.py

$(SOLUTIONS)/.dependencies: tests/solutions/requirements.lock | python
	@echo "Installing pygambit into $(SOLUTIONS) (once; where it has no wheel it is built, which takes some ten minutes) ..." >&2
	@$(PYTHON) -m venv --clear $(SOLUTIONS)
	@$(SOLUTIONS)/bin/python $(LOCKED) -r tests/solutions/requirements.lock
	@touch $@

$(SOLUTIONS)/.installed: $(SOLUTIONS)/.dependencies pyproject.toml
	@$(SOLUTIONS)/bin/python -m pip install $(PIP_QUIET) --no-deps --no-build-isolation --editable .
	@touch $@

# --- upkeep -----------------------------------------------------------------------------------------------------------

$(LOCK)/bin/uv: | python
	@$(PYTHON) -m venv --clear $(LOCK)
	@$(LOCK)/bin/python -m pip install $(PIP_QUIET) $(WHEELS) 'uv>=0.9'

# Exact versions and the hashes of every file of each, for every platform and Python from 3.11, and no address of any
# registry: which one to ask is the installing machine's own setting.
LOCK_COMMAND = $(LOCK)/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet $(LOCK_ARGS)
LOCK_ARGS ?=

.PHONY: lock
lock: $(LOCK)/bin/uv ## resolve the dependencies anew where needed (LOCK_ARGS=--upgrade: all of them)
	$(LOCK_COMMAND) --group build --output-file requirements.lock
	$(LOCK_COMMAND) --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(LOCK_COMMAND) benchmarks/requirements.in --group bench --constraint requirements-dev.lock \
		--output-file benchmarks/requirements.lock
	$(LOCK_COMMAND) tests/solutions/requirements.in --group build --constraint requirements.lock \
		--output-file tests/solutions/requirements.lock
	@! grep -n '://' requirements.lock requirements-dev.lock benchmarks/requirements.lock tests/solutions/requirements.lock
	@$(MAKE) --no-print-directory wheels

# Each lock that `make run` and `make test` install from is resolved once more, for each Python, without leave to build.
.PHONY: wheels
wheels: $(LOCK)/bin/uv ## check that every requirement of run and test has a wheel for Linux x86-64 and Python 3.11 to 3.13
	@for lock in requirements.lock requirements-dev.lock; do for version in 3.11 3.12 3.13; do \
	  $(LOCK)/bin/uv pip install --dry-run --quiet --no-build --no-deps --require-hashes --target $(LOCK)/nowhere \
	    --python-platform x86_64-manylinux_2_28 --python-version $$version -r $$lock || { \
	    echo "$$lock: a requirement has no wheel for Linux x86-64 and Python $$version, and would be built from source" >&2; exit 1; }; \
	done; done

.PHONY: clean
clean: ## remove the environments and what tools left behind (results in ./playout-results stay)
	rm -rf $(RUN) $(TEST) $(BENCH) $(SOLUTIONS) $(LOCK) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: python
python:
	@test -n "$(PYTHON)" || { \
	  echo "Playout needs Python 3.11 or newer with its venv module, and found none on the PATH." >&2; \
	  for p in python3 python; do \
	    if command -v $$p >/dev/null 2>&1; then \
	      $$p -c 'import sys; print("  " + sys.executable + " is Python " + sys.version.split()[0] + ("" if sys.version_info >= (3, 11) else ": too old"))' >&2; \
	      $$p -c 'import venv, ensurepip' >/dev/null 2>&1 || echo "  $$p lacks the venv module (Debian and Ubuntu: install the package python3-venv)" >&2; \
	    fi; \
	  done; \
	  echo "Name one: make run PYTHON=/path/to/python3" >&2; exit 1; }
