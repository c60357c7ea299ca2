# make run    the main job on a real partner        make test   lint, types and every test
# make bench  the tables of benchmarks/             make wheel  a wheel and an sdist in dist/

PYTHON ?= $(shell for p in python3.12 python3.11 python3; do "$$p" -c pass 2>/dev/null && echo "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: all run test lint types bench wheel clean
all: test

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1' -c constraints.txt

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/ready: $(VENV)/installed tests/needs.sh
	tests/needs.sh
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[all]' --group dev
	@touch $@

run: $(VENV)/installed
	@$(BIN)/jfsrules decide MD --as-of 2014-06-27
	@echo
	@$(BIN)/jfsrules decide MD

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy

test: lint types
	JFSRULES_VERIFY=1 $(BIN)/python -m pytest -n 2 --dist loadgroup -q

bench: $(VENV)/ready
	$(BIN)/python -m pip install --quiet -c constraints.txt --group bench
	$(BIN)/python -m benchmarks

wheel: $(VENV)/ready
	$(BIN)/python -m pip wheel --quiet --no-deps -w dist .

clean:
	rm -rf $(VENV) dist build
