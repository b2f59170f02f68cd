# Everything here needs only Python 3.11 or newer with venv, and make.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
export FLASK_APP := wsgi.py

.DEFAULT_GOAL := help
.PHONY: help demo serve test bench faults lint format lock audit bom translations pictures

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamps are younger than the requirements they were installed from, so a warm start installs nothing.
$(VENV)/runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON="; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing what the product runs on ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/development: $(VENV)/runtime requirements-dev.txt
	@echo "Installing what the tests and the lint need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(VENV)/runtime ## Show a living demo organisation on http://127.0.0.1:8000 (PORT=)
	@exec $(BIN)/flask serve --demo --port $(PORT)

serve: $(VENV)/runtime ## Serve your own organisation; the first visit sets it up
	@exec $(BIN)/flask serve --port $(PORT)

test: $(VENV)/development ## Run all tests, with browser, mail server and PostgreSQL
	@sh tests/set_up.sh
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

bench: $(VENV)/development ## Measure, as ratios to the limits measured in the same run
	@$(BIN)/python bench/run.py

faults: $(VENV)/development ## Break the site on purpose, and count what was lost (ARGS=)
	@$(BIN)/python -m bench.faults $(ARGS)

lint: $(VENV)/development ## Check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/development ## Put the code into its form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(VENV)/development ## Compile the requirements with their hashes
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --python-version 3.11 requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --python-version 3.11 requirements-dev.in -o requirements-dev.txt

# Fetched for the moment, at these versions: whoever does not look through the house needs neither.
audit: $(VENV)/development ## Ask whether holes are known in what we run on; fails where nobody answers
	@$(BIN)/uv tool run pip-audit==2.10.1 --strict --disable-pip --require-hashes -r requirements.txt

bom: $(VENV)/development ## List what we run on, with hashes, in CycloneDX (bom.json)
	@$(BIN)/uv tool run --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements.txt -o bom.json
	@echo "bom.json"

translations: $(VENV)/runtime ## Bring the Chinese catalogue up to the words in the code
	@$(BIN)/python -m feedback.translations.gather

pictures: $(VENV)/development ## Take the pictures of the README and of the first hour from this build
	@$(BIN)/python docs/take_pictures.py
	@$(BIN)/python docs/take_first_hour.py
