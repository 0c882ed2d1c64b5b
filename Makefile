# Everything a checkout can do. Needs python3-venv, git and make; `make test` as root installs what the tests want.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: image image-again image-boot power-pull help venv demo test lint lab smoke golden test-trixie test-hardened hil bench pictures hardware docs wheel clean

# The interpreter: PYTHON=..., else Python 3.11 (Raspberry Pi OS bookworm), else the system's.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
LAB := .venv-lab/bin
PIP_QUIET := --quiet --disable-pip-version-check --no-input --timeout 60
AGAIN := @.ci/again
# From 3.13 on python-rtmidi has no wheel: Debian's python3-rtmidi is used instead.
VENV_FLAGS := $(shell $(PYTHON) -c 'import sys; print("--system-site-packages" if sys.version_info >= (3, 13) else "")' 2>/dev/null)
LAB_PIP_FLAGS ?=
PYTEST_FLAGS ?=
HIL ?= guest
LOCK := firmware_py/requirements.lock
SOURCES := firmware_py/sideman models_tflite/lab/src/sideman_lab

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: .venv/ready ## .venv with the program and the lab's evaluation

.venv/ready: pyproject.toml models_tflite/lab/pyproject.toml $(LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; $(PYTHON) is older: make PYTHON=python3.11 venv" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv is missing: apt install python3-venv" >&2; exit 1; }
	@echo "==> .venv: making a virtual environment with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV_FLAGS) .venv
	@echo "==> .venv: installing the locked packages (about a minute)"
	$(AGAIN) $(BIN)/python -m pip install $(PIP_QUIET) --require-hashes -r $(LOCK)
	@echo "==> .venv: installing sideman and sideman-lab from this checkout"
	$(AGAIN) $(BIN)/python -m pip install $(PIP_QUIET) --no-deps --editable . --editable models_tflite/lab
	@touch $@

.venv/test-ready: .venv/ready
	@echo "==> .venv: installing what the tests need"
	$(AGAIN) $(BIN)/python -m pip install $(PIP_QUIET) --editable '.[test]'
	@touch $@

demo: .venv/ready ## the bundled jam in real time, into demo-out/
	@echo "==> demo"
	@$(BIN)/sideman demo

test: .venv/test-ready ## every check: lint, types, tests; as root it installs the system packages they want
	@.ci/system-packages
	@$(MAKE) --no-print-directory lint
	@echo "==> tests"
	@$(BIN)/python -m pytest $(PYTEST_FLAGS)

lint: .venv/test-ready ## ruff and mypy
	@echo "==> lint"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info >= (3, 12))' \
	  && $(BIN)/mypy --no-error-summary \
	  || { $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' \
	  && echo "    types are checked on Python 3.11: the stubs of newer NumPy need a newer syntax"; }

lab: .venv-lab/ready ## .venv-lab: trains and exports models (large; LAB_PIP_FLAGS picks another package index)

.venv-lab/ready: pyproject.toml models_tflite/lab/pyproject.toml
	@echo "==> .venv-lab: making a virtual environment"
	@$(PYTHON) -m venv .venv-lab
	@echo "==> .venv-lab: installing PyTorch and TensorFlow (minutes)"
	$(AGAIN) $(LAB)/python -m pip install $(PIP_QUIET) $(LAB_PIP_FLAGS) 'models_tflite/lab[train]' pytest pytest-timeout hypothesis
	@echo "==> .venv-lab: sideman and sideman-lab from this checkout"
	$(AGAIN) $(LAB)/python -m pip install $(PIP_QUIET) --no-deps --editable . --editable models_tflite/lab
	@touch $@

smoke: .venv-lab/ready ## a minute of training of each family on made-up pieces, stopped and resumed
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	for family in drums chords melody; do \
	  echo "==> smoke: $$family"; SIDEMAN_CHECKPOINTS="$$folder" $(LAB)/sideman-lab train $$family --smoke; \
	done
	@echo "==> smoke: the lab's tests of what only this environment has"
	@$(LAB)/python -m pytest --quiet $$(grep -lE 'torch|tensorflow|litert' tests/lab/*.py)

test-trixie: ## the same suite on Python 3.13 in a Debian trixie root built on the spot (root; slow)
	@tests/trixie/run

test-hardened: .venv/test-ready ## the service's unit booted in a container (root; minutes)
	@.ci/system-packages hardened
	@$(BIN)/python -m pytest -m slow tests/service $(PYTEST_FLAGS)

hil: .venv/test-ready ## the whole box in an emulated machine, its hardware tests and budgets (root; half an hour; BRIEF=1: some of them; HIL=pi on a wired Pi)
	@.ci/system-packages hil
	@SIDEMAN_HIL=$(HIL) SIDEMAN_HIL_BRIEF=$(BRIEF) tests/hil/run $(PYTEST_FLAGS)

bench: .venv/test-ready ## lateness, latency, model times, start-up, memory, speed: each beside its floor
	@for bench in tests/bench/bench_*.py; do echo "==> $$bench"; $(BIN)/python "$$bench"; done

pictures: .venv/test-ready ## draws the pictures of the guide again
	@$(BIN)/python -m sideman.service.pictures.docs

hardware: .venv/test-ready ## draws wiring, schematic, templates and assembly again, and the enclosure's STL and DXF
	@PYTHONPATH=hardware $(BIN)/python -m sideman_hardware

docs: .venv/ready ## writes the generated pages of the guide again
	@$(BIN)/sideman settings --markdown > firmware_py/docs/settings.md
	@$(BIN)/python -m sideman.service.table_docs

golden: .venv/test-ready ## records the golden jams again (after a model or the music has changed on purpose)
	@$(BIN)/python -m tests.jams.record

wheel: .venv/ready ## the appliance's wheel in dist/, without the lab
	@$(BIN)/python -m pip wheel $(PIP_QUIET) --no-deps --wheel-dir dist .
	@ls -l dist/*.whl

image: .venv/ready ## the SD card's image and the update file in dist/ (root; the first time about half an hour)
	@image/build dist

AGAIN_IN := build/image-again
image-again: .venv/ready ## builds the image once more, everything fetched anew, and compares it with that of dist/ (root; half an hour)
	@FRESH=1 image/build $(AGAIN_IN)
	@for file in $(AGAIN_IN)/sideman-*; do cmp "$$file" "dist/$${file##*/}"; echo "==> image: the same again: $${file##*/}"; done

CARD = $(firstword $(wildcard dist/sideman-*.img.xz))
MACHINE ?= virt
image-boot: .venv/test-ready ## starts the image of dist/ on an emulated ARM machine and jams on it (CARD=, MACHINE=virt or raspi3b; minutes)
	@.ci/image-packages emulator
	@SIDEMAN_HIL=card SIDEMAN_CARD=$(CARD) SIDEMAN_MACHINE=$(MACHINE) tests/hil/run $(PYTEST_FLAGS)

N ?= 3
CUTS ?= 30
power-pull: .venv/ready ## pulls the plug of an emulated box N times while it writes takes (root; half a minute each)
	@.ci/system-packages hil
	@PYTHON=$(abspath $(BIN)/python) image/power/run $(N) $(CUTS)

clean: ## removes what the other targets made
	@rm -rf .venv .venv-lab dist build demo-out .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
