# Every target does its own set-up. Needs make and Python 3.11 or newer; everything else comes from PyPI.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test requirements test-pythons test-debian package check generate interop interop-all bench bites fuzz docs clean

# The first Python that is new enough; the shell loop runs once, when .venv is (re)built.
PYTHONS := python3.14 python3.13 python3.12 python3.11 python3 python
PY := .venv/bin/python

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile

# Rebuilt when pyproject.toml changes. A half-built one has no stamp, so it is built again.
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --editable

.venv/base: pyproject.toml
	@rm -rf .venv; found=; \
	for p in $(PYTHONS); do \
	  if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$p; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "No Python 3.11 or newer was found: install one, then run make again." >&2; exit 1; fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$found has no venv module: on Debian and Ubuntu, install the package $$("$$found" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')." >&2; exit 1; fi; \
	echo "Setting up .venv with $$("$$found" --version)"; \
	"$$found" -m venv .venv && $(INSTALL) '.[cli,codegen]' && touch .venv/base

.venv/stamp: .venv/base
	@echo "Adding the tools for tests and checks to .venv"; \
	$(INSTALL) '.[dev]' && touch .venv/stamp

demo: .venv/base ## send and receive 10,000 messages through the embedded broker
	@$(PY) -m codegen --check
	@$(PY) -m amqp.cli demo

test: .venv/stamp ## the test suite: every branch of the engine and of the generated code runs, every requirement is proved
	$(PY) -m coverage run -m pytest -p tools.requirements --requirements=gate
	$(PY) -m coverage report

requirements: .venv/stamp ## run the tests that claim a row of spec/requirements.tsv, and list the rows that are not proved
	@$(PY) -m tools.requirements

test-pythons: .venv/stamp ## the test suite on every Python from 3.11 on that this machine has
	@$(PY) -m tools.test_pythons

package: .venv/stamp ## build sdist and wheel, and import from the wheel alone
	$(PY) -m tools.check_package

test-debian: .venv/stamp ## the test suite on the Python 3.13 of Debian 13
	$(PY) -m interop python313

check: .venv/stamp ## format, lint, types, generated code against the XML, import directions
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pyright
	$(PY) -m codegen --check
	$(PY) -m pytest -q tests/test_architecture.py

generate: .venv/base ## write generated/ from the XML
	$(PY) -m codegen

interop: .venv/stamp ## against three other codecs, RabbitMQ 3.10, RabbitMQ 4.0, a rhea and a proton broker
	$(PY) -m interop
	$(PY) -m interop table

interop-all: .venv/stamp ## against RabbitMQ 4.3, ActiveMQ 5.17 and Artemis as well
	$(PY) -m interop --all
	$(PY) -m interop table

bench: .venv/base ## codec and throughput side by side with other libraries
	$(PY) -m benchmarks codec
	$(PY) -m benchmarks throughput

bites: .venv/stamp ## prove that the tests bite: spoil state tables and guards one at a time: make bites SEED=1, or GUARDS=all
	$(PY) -m tools.bites --seed $(SEED) --guards $(GUARDS)

GUARDS := 100

SECONDS := 60
SEED := 1
fuzz: .venv/stamp ## mutated input for every decoder and the engine: make fuzz SECONDS=60 SEED=1
	$(PY) -m fuzz --seconds $(SECONDS) --seed $(SEED)

docs: .venv/stamp ## write what docs/ has of the state tables and of the features of servers
	$(PY) -m tools.diagrams
	$(PY) -m interop table

clean: ## remove what the targets made
	rm -rf .bites .venv .pythons .peers .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build
