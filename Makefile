# Two commands do everything on a fresh machine with Python 3.11 or newer: `make serve`, `make test`.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
CORPUS ?= corpus
INDEX ?= index

# Start quickly whatever the machine says: compiled modules are kept.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help serve index test lint types contracts tests browser wheel lock relevance benchmark \
	changes fuzz soak strace screenshots weight whoosh-suite clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(VENV)/.serve: requirements.lock pyproject.toml setup.py \
		$(wildcard search_service/native/*/* search_service/*/native/*/* search_service/engines/whoosh/*/native/*/*)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.test: requirements-dev.lock $(VENV)/.serve
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements-dev.lock
	touch $@

serve: index ## Set up, index CORPUS into INDEX, and serve the page on HOST:PORT
	$(BIN)/search-service serve --corpus $(CORPUS) --index $(INDEX) --host $(HOST) --port $(PORT)

index: $(VENV)/.serve ## Index CORPUS into INDEX
	$(BIN)/search-service index --corpus $(CORPUS) --index $(INDEX)

# The tests in groups, each a process of its own: one that forks must have no threads, as the workers
# of a test runner have, and a browser is started by one that has broken nothing on purpose before.
# Of a folder that is parted, the group after a named one takes what that leaves.
GROUP_accessibility := tests/web/test_accessibility.py tests/web/test_browser.py
GROUP_pages := tests/web $(GROUP_accessibility:%=--ignore=%)
GROUP_damage := tests/faults/test_suites.py -k 'damage or power or hostile'
GROUP_kills := tests/faults/test_suites.py -k 'not (damage or power or hostile)'
GROUP_planted := tests/faults --ignore=tests/faults/test_suites.py
GROUP_engines := tests/engines
GROUP_rest := tests --ignore=tests/web --ignore=tests/faults --ignore=tests/engines

# What takes long comes first, but for what tells at once. Each prints what it has to say when it has
# ended; after a failure no other begins.
GROUPS := accessibility pages rest damage kills engines planted
GROUPED := $(GROUPS:%=tests-%)
PARTS := lint contracts $(GROUPED) types wheel
REPORTS := .test-reports
# At least two, for each waits for the disk or for a browser now and then.
JOBS ?= $(shell $(PYTHON) -c 'import os; print(max(2, min(4, os.cpu_count() or 1)))')
APART := --no-print-directory $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

test: $(VENV)/.test ## Lint, types, import contracts, tests, and the built wheel, JOBS at once
	rm -rf $(REPORTS)
	@$(MAKE) --jobs=$(JOBS) $(APART) $(PARTS) || { echo 'Not passed: the part with *** above.'; exit 1; }
	@$(BIN)/python -m tests.counts $(REPORTS) $(GROUPS)
	@echo 'Lint, import contracts, types and the wheel: passed.'

.PHONY: $(GROUPED)
tests: $(GROUPED) ## The tests alone

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

contracts: $(VENV)/.test
	$(BIN)/lint-imports

$(GROUPED): tests-%: $(VENV)/.test
	$(BIN)/python -m pytest -p no:cacheprovider --junit-xml=$(REPORTS)/$*.xml $(GROUP_$*)

tests-accessibility tests-pages: browser

wheel: $(VENV)/.test ## Build the wheel and search with what is in it
	$(BIN)/python -m tests.wheel

# Debian's Chromium, where this machine lets us install it; the browser tests say so when it is missing.
browser:
	@command -v chromium >/dev/null 2>&1 || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	} || echo 'No Chromium here and no way to install it: the browser tests will be skipped.'

lock: ## Pin every dependency with its hashes
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
	  --python-version 3.11 --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
	  --python-version 3.11 --extra build --extra evaluate --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

relevance: $(VENV)/.test ## Judge the ranking on SETS (folders in BEIR's layout), and hold its floors
	$(BIN)/python -m tests.relevance $(SETS)

benchmark: $(VENV)/.test ## Time every engine on the same text (ARGS='--passages 200000')
	$(BIN)/python -m pip install --quiet tantivy bm25s
	$(BIN)/python -m tests.benchmarks --plot docs/images/benchmark.svg $(ARGS)

fuzz: $(VENV)/.test ## 20,000 random query trees against an engine that spells out what they mean
	$(BIN)/python -m tests.engines.fuzz_executor --trees 20000

changes: $(VENV)/.test ## Time how soon a changed file is found (ARGS='--files 20000 --changes 200')
	$(BIN)/python -m tests.benchmarks.changes $(ARGS)

soak: $(VENV)/.test strace ## The fault suites at full length: about 45 minutes of one processor
	$(BIN)/python -m tests.faults --soak

# Kills at system calls are injected by strace; where it cannot be had, that suite says so.
strace:
	@command -v strace >/dev/null 2>&1 || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq strace >/dev/null; \
	} || echo 'No strace here and no way to install it: one suite will be left out.'

screenshots: $(VENV)/.test browser ## Pictures of every page and state, into screenshots/
	$(BIN)/python -m tests.web.screenshots

weight: $(VENV)/.test browser ## What pages weigh, whether they move, when they are painted
	$(BIN)/python -m tests.web.weight

whoosh-suite: $(VENV)/.test ## Whoosh's own tests with our codec as the default
	$(BIN)/python -m tests.whoosh_suite

clean: ## Remove what was made here
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
