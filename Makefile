# Two commands do everything on a machine that has Python 3.11+, Node 20 and make:
#   make demo    the main job, headless: run, SIGKILL, continue (KILL_AT=k chooses the await)
#   make test    everything, with what it needs installed by itself
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
KILL_AT ?= 5
STAMP := $(VENV)/.installed
OTHERS := $(shell tests/interpreters.sh)
FAULTS := tests/continuation tests/execution/test_killed.py tests/execution/test_programs_killed.py \
	tests/execution/test_random_killed.py tests/execution/test_remade.py \
	tests/execution/test_tasks_killed.py tests/execution/test_random_tasks_killed.py tests/execution/test_pairs_killed.py \
	tests/execution/test_anyio_killed.py tests/execution/test_httpx_killed.py \
	tests/kernel/test_strangers.py tests/kernel/test_random_programs.py tests/kernel/test_tasks_killed.py

.PHONY: demo lab test unit browser notebooks others environments lint faults soak bench matrix \
	pyodide suites clean

$(STAMP): pyproject.toml labextension/package.json
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e ".[lab,test]"
	touch $@

demo: $(STAMP)
	$(BIN)/python notebooks/demo.py --kill-at $(KILL_AT)

lab: $(STAMP)
	$(BIN)/jupyter lab notebooks/01_first_run.ipynb

test: $(STAMP) chromium lint unit notebooks browser others
	@echo "tested on: $$($(BIN)/python -V) (everything) $(foreach p,$(OTHERS),and $(notdir $(p)) (without browser, notebooks and most kernels))"

unit: $(STAMP) environments
	$(BIN)/python -m pytest tests --ignore tests/browser

browser: $(STAMP) chromium
	$(BIN)/python -m pytest tests/browser

notebooks: $(STAMP)
	$(BIN)/python -m pytest --nbval --nbval-cell-timeout 60 notebooks

# The other interpreters that this machine has, each in an environment of its own, without the panel;
# side by side, since each keeps one core busy.
others: $(STAMP)
	@mkdir -p .venvs; running=; for python in $(OTHERS); do \
		tests/on_interpreter.sh $$python > .venvs/$$(basename $$python).log 2>&1 & running="$$running $$!"; \
	done; failed=0; for one in $$running; do wait $$one || failed=1; done; \
	for python in $(OTHERS); do cat .venvs/$$(basename $$python).log; done; exit $$failed

# Chains change between the versions that have an environment here.
environments: $(STAMP)
	@set -e; for python in $(OTHERS); do tests/environment.sh $$python >/dev/null; done

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@! grep -nE 'https?://|__archiveUrl' labextension/yarn.lock

# Every kill point of the programs of which `make test` takes a seeded sample.
faults: $(STAMP)
	PLAYBOOKS_FAULTS=all PLAYBOOKS_RESULTS=faults $(BIN)/python -m pytest $(FAULTS)

# Random programs, killed at random moments; PLAYBOOKS_SOAK_MINUTES says how long.
soak: $(STAMP)
	$(BIN)/python -m tests.soak

# The tests of other people's asynchronous libraries, each as a recorded run.
suites: $(STAMP)
	PLAYBOOKS_FAULTS=all PLAYBOOKS_SUITES=keep $(BIN)/python -m pytest tests/suites

bench: $(STAMP)
	$(BIN)/python tests/bench/run.py

matrix: $(STAMP)
	$(BIN)/python -m pytest tests --ignore tests/browser
	PLAYBOOKS_FAULTS=all PLAYBOOKS_RESULTS=matrix $(BIN)/python -m pytest \
		tests/execution/test_versions.py tests/continuation/test_cpython.py
	@set -e; for python in $(OTHERS); do tests/on_interpreter.sh $$python all; done
	@$(MAKE) --no-print-directory suites
	@$(MAKE) --no-print-directory pyodide

# What the language means in Python 3.14: as WebAssembly on Node, without kernels or a store.
pyodide: $(STAMP)
	@if npm install --prefix tests/pyodide --no-package-lock --no-audit --no-fund --silent; then \
	PLAYBOOKS_PYODIDE=1 $(BIN)/python -m pytest tests/pyodide \
	&& echo "tested on: Python 3.14 (Pyodide; continuation only)"; \
	else echo "not tested: Python 3.14 (Pyodide), which npm could not install"; fi

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null \
	|| { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium; } \
	|| { echo "The panel's tests need a browser: sudo apt-get install chromium"; exit 1; }

clean:
	rm -rf $(VENV) .venvs labextension/node_modules labextension/lib playbooks_ipython/labextension
