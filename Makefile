# Two commands set up everything they need: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-bounds bench dist audit system clean
.DELETE_ON_ERROR:

demo: $(STAMP)
	@mkdir -p demo
	$(BIN)/lamina-graph report samples -o demo/report.html
	@for name in documented-example reel-five-shots try-on-two-garments fifteen-outputs launch-video; do \
	  $(BIN)/lamina-graph render samples/$$name.json -o demo/$$name.svg || exit 1; done
	$(BIN)/lamina-graph diff samples/history/quick-reel-maker/v1.json samples/history/quick-reel-maker/v3.json -o demo/diff.html
	@echo "The report and the diagrams are in $(CURDIR)/demo: open demo/report.html"

test: system $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	LAMINA_GRAPH_REQUIRE_BROWSER=1 LAMINA_GRAPH_REQUIRE_POSTGRES=1 $(BIN)/pytest -n 2 --dist loadfile --doctest-modules lamina_graph tests
	$(BIN)/pytest --nbmake notebooks

# Every comparison beside its peers, in some ten minutes; a missed limit ends it with an error.
bench: $(STAMP)
	$(BIN)/pip install --quiet -r benchmarks/requirements.txt
	$(BIN)/python -m benchmarks -o benchmarks/RESULTS.md

# A wheel and a source distribution, each installed into an empty environment and used there.
dist: $(STAMP)
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/python tests/packages.py dist

# The lowest and the highest versions that pyproject.toml allows, each in an empty environment, with a part of the tests.
BOUNDS := lowest highest
test-bounds:
	$(PYTHON) tests/bounds.py $(BOUNDS)

# Weaknesses that are known of what the program and its extras install, at the newest versions that are allowed.
audit:
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/pip install --quiet pip-audit '.[dask,mcp,pdf,postgres,webhooks]'
	$(VENV)-audit/bin/pip-audit --local --skip-editable

# Chromium for the tests of the pages, PostgreSQL for those of the store; the program itself needs nothing of the system.
system:
	@command -v chromium >/dev/null || { $(INSTALL) chromium; }
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || { $(INSTALL) postgresql; }

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
INSTALL = $(SUDO) apt-get update -q && $(SUDO) DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("lamina-graph needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV) || { $(INSTALL) python3-venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-audit demo dist
