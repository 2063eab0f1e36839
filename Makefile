# Every command of the project. A machine needs Python 3.11 or newer, make and the package registries; the rest is
# installed into .tools, .venv and node_modules folders of this checkout.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .tools/bin/uv
UV_VERSION := 0.13.9
NPM := $(BIN)/python scripts/node.py npm
SDK := tests/sdk
CONSOLE := console
CONSOLE_FILES := src/datalinks/console/index.html
CODE := src tests scripts examples bench deploy hatch_build.py

# Where a shell says that no bytecode is to be kept, each of the hundreds of processes that the tests start would compile every
# module anew: that takes longer than what is tested.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo console console-types console-shots console-times test check bench format serve lock clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

$(UV):
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet uv==$(UV_VERSION)

$(VENV)/installed: requirements.lock pyproject.toml | $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(SDK)/node_modules/.package-lock.json: $(SDK)/package-lock.json | $(VENV)/installed
	$(NPM) ci --prefix $(SDK) --ignore-scripts --no-audit --no-fund
	@touch $@

$(CONSOLE)/node_modules/.package-lock.json: $(CONSOLE)/package-lock.json | $(VENV)/installed
	$(NPM) ci --prefix $(CONSOLE) --ignore-scripts --no-audit --no-fund
	@touch $@

$(CONSOLE_FILES): $(shell find $(CONSOLE) -path $(CONSOLE)/node_modules -prune -o -type f -print) \
		| $(CONSOLE)/node_modules/.package-lock.json
	$(NPM) run --silent --prefix $(CONSOLE) build -- --logLevel warn

install: $(VENV)/installed $(SDK)/node_modules/.package-lock.json console ## Install everything that the commands need

demo: install ## Start the server on sample data, link records through the real SDK, show what happened
	$(BIN)/python examples/demo/run.py

console: $(CONSOLE_FILES) ## Build the web console, which the server has at /console

console-types: $(VENV)/installed $(CONSOLE)/node_modules/.package-lock.json ## Write the console's types of the API anew
	$(BIN)/python scripts/openapi.py dist/openapi.json
	$(NPM) run --silent --prefix $(CONSOLE) types

console-shots: install ## Take a picture of each page of the console, light and dark, narrow and wide, into .shots
	$(BIN)/python tests/support/chromium.py
	$(BIN)/pytest tests/console/test_pages.py

console-times: install ## Measure how long lists of the console take to appear on the data of the demo
	$(BIN)/python tests/support/chromium.py
	PYTHONPATH=tests $(BIN)/python -m console.times

test: install ## Run all tests
	$(BIN)/python tests/support/chromium.py
	$(NPM) run --silent --prefix $(CONSOLE) test
	$(BIN)/pytest $(ARGS)

check: $(VENV)/installed $(CONSOLE)/node_modules/.package-lock.json ## Check format, lint, types, layers and generated code
	$(NPM) run --silent --prefix $(CONSOLE) check
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/python scripts/make_sync_client.py --check
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: $(VENV)/installed ## Measure the server beside its peers: ARGS="--links 100000 --seconds 5 --only find"
	$(BIN)/python -m bench $(ARGS)

format: $(VENV)/installed $(CONSOLE)/node_modules/.package-lock.json ## Format the code and make generated code anew
	$(BIN)/python scripts/make_sync_client.py
	$(BIN)/ruff check --fix-only --quiet $(CODE)
	$(BIN)/ruff format $(CODE)
	$(NPM) run --silent --prefix $(CONSOLE) format

serve: $(VENV)/installed console ## Start the server (settings as DATALINKS_... variables)
	$(BIN)/datalinks serve

lock: $(UV) ## Choose the newest versions of everything that the project needs
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-header --no-emit-index-url \
		--group dev --extra parquet --output-file requirements.lock pyproject.toml
	cd $(SDK) && $(CURDIR)/$(BIN)/python $(CURDIR)/scripts/node.py npm install --package-lock-only --ignore-scripts
	cd $(CONSOLE) && $(CURDIR)/$(BIN)/python $(CURDIR)/scripts/node.py npm install --package-lock-only --ignore-scripts

clean: ## Remove everything that was installed or made
	rm -rf .tools $(VENV) $(SDK)/node_modules $(CONSOLE)/node_modules src/datalinks/console .shots bench/.venv .demo .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist
