# What a person does with the project; every recipe needs Python >= 3.11 and a package registry, nothing else.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: help serve test test-tools quick check format specs reference docs requirements sbom licences picture bench bench-peers clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 13

PORT ?= 4242

serve: .venv/serving ## serve on port 4242, or another with PORT=
	$(BIN)/offer-sandbox serve --port $(PORT)

test: .venv/installed ## run the whole test suite
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

test-tools: .venv/installed build/tools/python/installed build/tools/node ## run linters, generators and generated clients over the published documents
	$(BIN)/python -m pytest tools

QUICK = tests/rules tests/schemas tests/world tests/exchange tests/providers/test_boundaries.py \
	tests/test_catalog_walk.py tests/test_every_provider.py

quick: .venv/installed ## run the unit tests, the catalogue walk and the conformance suite
	$(BIN)/python -m pytest --numprocesses auto $(QUICK)

check: .venv/installed ## lint, format, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed ## put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

specs: .venv/installed ## write fixtures/ and specs/ again
	$(BIN)/offer-sandbox fixtures
	$(BIN)/offer-sandbox specs

reference: specs ## write docs/reference/ again
	PYTHONPATH=tools $(BIN)/python -m reference_pages

docs: build/tools/python/installed ## build the site in build/site
	@build/tools/python/bin/python tools/site/build.py build/site
	@echo "build/site/index.html"

requirements: build/tools/supply/installed ## write requirements.txt, the hashes of what the server needs
	@{ sed -n 's/^# Note: //p' tools/supply.txt; build/tools/supply/bin/pip-compile --quiet --generate-hashes --strip-extras \
	    --no-emit-index-url --no-emit-trusted-host --no-emit-options --no-header --no-annotate --no-reuse-hashes \
	    --constraint constraints.txt --extra postgresql --output-file - pyproject.toml; } > build/requirements.txt
	@mv build/requirements.txt requirements.txt

sbom: build/tools/supply/installed ## write build/sbom.cdx.json, the bill of materials (CycloneDX)
	@build/tools/supply/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-file build/sbom.cdx.json requirements.txt
	@echo "build/sbom.cdx.json"

licences: .venv/installed build/tools/supply/installed ## write THIRD_PARTY_LICENSES.md, the licences of what the server needs
	@{ sed '/^|/,$$d' THIRD_PARTY_LICENSES.md; build/tools/supply/bin/pip-licenses --python $(BIN)/python --format markdown --from mixed \
	    --packages $$(sed -n 's/==.*//p' constraints.txt); } > build/licences.md
	@mv build/licences.md THIRD_PARTY_LICENSES.md

picture: .venv/installed ## draw the pictures of README and guides again (needs Chromium)
	$(BIN)/python docs/images/capture.py
	$(BIN)/python docs/images/console.py

bench: .venv/installed ## measure; not part of the tests
	$(BIN)/python bench/start_up.py
	$(BIN)/python bench/pages.py
	$(BIN)/python bench/rules.py
	$(BIN)/python bench/resources.py --quick

bench-peers: .venv/installed ## measure beside other mock servers (needs wrk, Node and Java)
	$(BIN)/python bench/peers.py install build/peers
	$(BIN)/python bench/peers.py run build/peers

.venv/created:
	@echo "creating a virtual environment in .venv"
	@$(PYTHON) -m venv .venv
	@touch .venv/created

.venv/serving: pyproject.toml constraints.txt | .venv/created
	@echo "installing what the server needs (about 20 seconds)"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch .venv/serving

.venv/installed: pyproject.toml constraints.txt constraints-dev.txt | .venv/created
	@echo "installing what the tests need (about a minute)"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --constraint constraints-dev.txt \
	    --editable '.[dev]'
	@touch .venv/serving .venv/installed

.PHONY: build/tools/node
build/tools/node: build/tools/python/installed # every time, because Node may have been installed since
	@if ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || ! command -v npm >/dev/null; then \
	    echo "Node 20 or later with npm is missing: its tools are not run"; \
	elif ! cmp -s tools/package.json build/tools/node_modules/installed.json; then \
	    cp tools/package.json build/tools/ && \
	    npm install --prefix build/tools --no-audit --no-fund --no-package-lock --silent && \
	    cp tools/package.json build/tools/node_modules/installed.json; fi

build/tools/python/installed: tools/requirements.txt
	@echo "installing the tools (about a minute)"
	@$(PYTHON) -m venv build/tools/python
	@build/tools/python/bin/python -m pip install --quiet --requirement tools/requirements.txt
	@touch build/tools/python/installed

build/tools/supply/installed: tools/supply.txt
	@$(PYTHON) -m venv build/tools/supply
	@build/tools/supply/bin/python -m pip install --quiet --requirement tools/supply.txt
	@touch build/tools/supply/installed

clean: ## remove what was installed and built
	rm -rf .venv build dist *.egg-info sandbox/*.egg-info
