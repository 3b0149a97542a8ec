# Plain GNU make.  `make` alone lists what there is; every target sets up .venv first.

PYTHON ?= python3
# On machines without tensorflow-cpu (macOS, Linux on ARM): make test-all TENSORFLOW=tensorflow
TENSORFLOW ?= tensorflow-cpu

VENV := .venv
BIN := $(VENV)/bin
# nbgrader runs `alembic` by its bare name when it makes a gradebook.
export PATH := $(CURDIR)/$(BIN):$(PATH)

# The Keras versions and backends of `make test-all`, each in a .venv-keras-NAME of its own.
MATRIX := 3.10 3.13 newest jax
KERAS_3.10 := keras==3.10.0 $(TENSORFLOW)==2.20.0
# As on Colab.
KERAS_3.13 := keras==3.13.2 $(TENSORFLOW)==2.20.0 numpy==2.1.3
KERAS_newest := keras!=3.14.0 $(TENSORFLOW)
# JAX with TensorFlow beside it, as on Colab.
KERAS_jax := keras!=3.14.0 jax $(TENSORFLOW)
BACKEND_jax := jax
# What these pull with them must not be held by the lock.
UNLOCKED := keras|tensorflow|tensorflow-cpu|numpy|jax|jaxlib|scipy
# What another Keras can break; the rest has no Keras in it.
KERAS_TESTS := $(addprefix tests/,misconceptions $(patsubst %,beyond_sequential/%,\
    model answers equivalence judge notebook course) grader/running/test_spool_execute.py \
    grader/authoring/test_chapters.py)

# The tests in a browser run where there is one; these need it.
NEEDS_BROWSER := import sys; from grader.doctor import browser; sys.exit(None if browser() \
    else 'Chromium is needed; on Debian and Ubuntu: apt-get install chromium')

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint format build check-build pictures wheel lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.installed ## grade a sample class into demo/ and show the marks
	$(BIN)/grader demo

test: lint check-build ## the checks of every commit: lint, stale builds, tests
	$(BIN)/python -m pytest -n 2 --dist loadscope -m "not matrix and not attacks"

test-all: lint check-build $(MATRIX:%=.venv-keras-%/.installed) ## all tests, an hour; what Keras can break, with older and newer ones
	@$(BIN)/python -c "$(NEEDS_BROWSER)"
	$(BIN)/python -m pytest -n 2 --dist loadscope
	$(foreach name,$(MATRIX),$(call test_keras,$(name)))

lint: $(VENV)/.installed ## ruff and mypy
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/.installed ## let ruff repair and lay out the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

build: $(VENV)/.installed ## make chapters/, the solved notebooks and the targets from solutions/*.md
	$(BIN)/grader build

check-build: $(VENV)/.installed ## fail if what `make build` makes is stale, or a chapter lacks something
	$(BIN)/grader check-course
	$(BIN)/grader build --check

pictures: $(VENV)/.installed ## let the tests make the READMEs' pictures anew, into docs/pictures/
	@$(BIN)/python -c "$(NEEDS_BROWSER)"
	PICTURES=$(CURDIR)/docs/pictures $(BIN)/python -m pytest tests/grader/authoring/test_pictures.py \
	    tests/platforms/test_browser.py -k "pictures or student"

wheel: $(VENV)/.installed ## build dist/, then install and try the wheel in a fresh environment
	rm -rf dist .venv-wheel
	$(BIN)/uv build --quiet --out-dir dist
	$(call make_venv,.venv-wheel)
	.venv-wheel/bin/pip install --quiet --constraint requirements.lock \
	    "$$(echo dist/*.whl)[tensorflow,lab]"
	.venv-wheel/bin/beyond-sequential doctor
	.venv-wheel/bin/python tests/platforms/student.py

lock: $(VENV)/.installed ## write requirements.lock (UPGRADE=1: with the newest versions)
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --extra dev \
	    --no-annotate --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) \
	    --output-file requirements.lock

clean: ## remove everything that make made, .venv too
	rm -rf $(VENV) .venv-keras-* .venv-wheel demo build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache

# $(call test_keras,NAME): what Keras can break, with one version of it or on one backend.
define test_keras
echo "Keras $(1)"; KERAS_BACKEND=$(or $(BACKEND_$(1)),tensorflow) \
    PATH="$(CURDIR)/.venv-keras-$(1)/bin:$$PATH" .venv-keras-$(1)/bin/python -m pytest \
    -n 2 --dist loadscope -m "not matrix" $(KERAS_TESTS) || exit 1;
endef

# $(call make_venv,DIRECTORY): an empty virtual environment, or one sentence on what is missing.
define make_venv
@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
    || { echo 'Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is not: make PYTHON=python3.12 ...'; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null \
    || { echo '$(PYTHON) has no venv; on Debian and Ubuntu: apt-get install python3-venv'; exit 1; }
$(PYTHON) -m venv $(1)
endef

$(VENV)/.installed: requirements.lock pyproject.toml
	$(call make_venv,$(VENV))
	@echo 'Installing the versions of requirements.lock into $(VENV): 2 GB, a minute or more'
	$(BIN)/pip install --quiet --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv-keras-%/.installed: requirements.lock pyproject.toml Makefile
	$(call make_venv,.venv-keras-$*)
	grep -Ev '^($(UNLOCKED))==' requirements.lock > .venv-keras-$*/requirements.txt
	.venv-keras-$*/bin/pip install --quiet --requirement .venv-keras-$*/requirements.txt \
	    $(foreach requirement,$(KERAS_$*),'$(requirement)')
	.venv-keras-$*/bin/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
