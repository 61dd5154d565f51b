# Two commands are enough: `make run` to try it, `make test` to prove it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test install dev lint lock bench docs reference clean

run: install
	$(BIN)/python app.py serve

# One process for each core, a whole file to each: what a file sets up once (a server, a browser) is set up once.
# All of them order sets alike, since they must collect the same tests; another run orders them otherwise.
# The long runs come last, each by itself.
JOBS ?= auto
test: dev
	PYTHONHASHSEED=$${PYTHONHASHSEED:-$$(date +%s)} $(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not soak"
	PYTHONHASHSEED=$${PYTHONHASHSEED:-$$(date +%s)} $(BIN)/python -m pytest -n $(JOBS) --dist load -m soak

install: $(VENV)/installed

dev: $(VENV)/installed-dev

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Pointsman needs Python 3.11 or newer, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Needs pip-tools; writes both lock files anew from pyproject.toml.
LOCK := pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock:
	$(LOCK) --upgrade --output-file=requirements.lock pyproject.toml
	$(LOCK) --extra=dev --constraint=requirements.lock --output-file=requirements-dev.lock pyproject.toml

docs: dev
	$(BIN)/sphinx-build -q -W --keep-going -n docs build/docs

reference: dev
	$(BIN)/python -m docs.reference

bench: dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) var build *.egg-info
