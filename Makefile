# Three commands matter: make warehouse, make check while you write, make test before you push. Each works on its own in a
# fresh clone; make help lists all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export SMV_AI_ARTIFACTS ?= artifacts
# per cent of lines and branches
COVERAGE_FLOOR := 60

.PHONY: help warehouse demo check coverage test test-reliability test-reliability-long test-statistics test-load test-spark golden bench bench-matching \
	simulate-matching dictionary recipes app demo-app screenshot lint lint-sql lock sbom audit clean chromium

help: ## what the targets do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

warehouse: $(VENV)/installed ## build, audit, release, print the headline figures
	$(BIN)/smv-ai build || [ $$? -eq 10 ] # 10: nothing changed

demo: $(VENV)/installed ## the same with made-up responses: a demonstration warehouse of its own in release_demo/
	$(BIN)/smv-ai build --demo || [ $$? -eq 10 ]

# dbt reads the project and the contracts of the rooms are looked at once, within the house rules (tests/python/house)
check: $(VENV)/installed ## style, types, rooms, seeds, dbt's reading of the project, tests without a build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyrefly check
	$(BIN)/smv-ai check
	$(BIN)/pytest -m "not build and not slow and not browser and not long and not load and not spark"

test: $(VENV)/installed chromium lint ## everything that CI runs, without counting lines
	$(BIN)/pytest --durations=10

coverage: $(VENV)/installed chromium lint ## the same, and which lines it runs; fails below the floor
	rm -f .coverage .coverage.*
	$(BIN)/pytest --durations=10 --cov --cov-report=
	$(BIN)/coverage report --fail-under=$(COVERAGE_FLOOR)

golden: $(VENV)/installed ## the cases with known answers in GOLDEN_DIR (default tests/golden), through the estimation models
	$(BIN)/smv-ai golden

bench: $(VENV)/installed_bench ## the estimation engine, pairs and quantiles against a plain scan, polars and svy: 1 and 10 million respondents
	$(BIN)/python benchmarks/estimation.py

bench-matching: $(VENV)/installed ## matched comparisons of 1,000 × 100,000 and 10,000 × 1,000,000 firms: seconds and memory
	$(BIN)/python benchmarks/matching.py

simulate-matching: $(VENV)/installed ## how often the 95 % interval of a matched comparison holds a known effect, in 2,000 panels
	$(BIN)/python benchmarks/matching_coverage.py

# `make test` takes a sample of large families of cases (tests/python/support/sampling.py); here is every case, by rooms
EVERY_CASE := $(BIN)/pytest -m "(long or family or other_version) and not spark" --durations=10
OPERATION := $(addprefix tests/python/, app build passport releases seeds sql)
STATISTICS := $(addprefix tests/python/, demo golden intake matching metadata official survey tabulation)

# 50 kills of each of four kinds (real builds, helper processes, both); the longest variant has 200 of each
test-reliability-long: export SMV_AI_KILLS = 200
test-reliability-long: test-reliability ## as test-reliability, with 200 kills: an hour and more

test-reliability: $(VENV)/installed chromium ## kills, full disks, damaged inputs, hostile texts and statements at length: about half an hour
	$(PYTHON) -m venv target/duckdb_1_5 && target/duckdb_1_5/bin/pip install --quiet --disable-pip-version-check "duckdb==1.5.*"
	SMV_AI_DUCKDB_1_5=target/duckdb_1_5/bin/python $(EVERY_CASE) $(OPERATION)

test-statistics: $(VENV)/installed ## damaged exports, oracles of estimates, attacks on disclosure control at length: a quarter of an hour to an hour
	$(EVERY_CASE) $(STATISTICS)

# Java comes from Debian, Spark into an environment of its own: its package has the name of the client's
test-spark: $(VENV)/installed ## the scan on Apache Spark (a master, two workers) and on DuckDB: every golden case the same bits
	@command -v java > /dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq default-jre-headless > /dev/null; }
	$(PYTHON) -m venv target/spark && target/spark/bin/pip install --quiet --disable-pip-version-check "pyspark[connect]==4.2.0"
	SMV_AI_SPARK_PYTHON=target/spark/bin/python $(BIN)/pytest --numprocesses 0 -m spark tests/python

test-load: $(VENV)/installed chromium ## how fast the app is, alone and with 20 readers for two minutes; on a machine that does nothing else
	$(BIN)/pytest --numprocesses 0 -m load --capture=no tests/python

sbom: $(VENV)/installed ## write the bill of materials of the lock (CycloneDX) to target/sbom.cdx.json, and check the licences
	mkdir -p target
	$(BIN)/python tools/sbom.py > target/sbom.cdx.json
	$(BIN)/python tools/sbom.py --check

# pip-audit is not locked: it asks a database of advisories, which a machine without network does not have
audit: $(VENV)/installed ## compare the lock with a database of advisories, where pip-audit is at hand
	@command -v pip-audit > /dev/null || { echo "not audited: pip-audit is not installed here"; exit 1; }
	pip-audit --disable-pip --requirement requirements.lock

dictionary: $(VENV)/installed ## write the data dictionary page from the current release
	$(BIN)/smv-ai dictionary > docs/dictionary.md

recipes: $(VENV)/installed ## run the recipes of the analyst's guide on both current releases and write their results into it
	$(BIN)/python tools/recipes.py

app: $(VENV)/installed ## open the app on the current release
	$(BIN)/smv-ai app

demo-app: $(VENV)/installed ## open the app on the demonstration warehouse
	$(BIN)/smv-ai app --demo

screenshot: $(VENV)/installed chromium ## take the picture of the app in the README anew
	mkdir -p docs/img
	$(BIN)/pytest --numprocesses 0 tests/python/app/test_browser.py -k question
	cp $(SMV_AI_ARTIFACTS)/readme.png docs/img/overview.png

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# two minutes of processor time, so a job of its own beside the tests
lint-sql: $(VENV)/installed ## style of models, macros and data tests
	SMV_AI_BUILD_FILE=target/lint.duckdb $(BIN)/sqlfluff lint models tests/dbt/*.sql --processes 2
	$(BIN)/python tools/lint_macros.py $(shell find macros tests/dbt/generic -name '*.sql')

LOCK := pip-compile --quiet --upgrade --allow-unsafe --generate-hashes --no-strip-extras --no-header --no-annotate \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock
lock: $(VENV)/installed ## resolve the dependencies anew
	$(BIN)/$(LOCK) --extra dev --extra sign_in --extra spark pyproject.toml
	cd benchmarks && ../$(BIN)/$(LOCK) requirements.in

# The browser tests need Debian's chromium; without root they are skipped, and say so.
chromium:
	@command -v chromium > /dev/null || { \
		[ "$$(id -u)" = 0 ] && apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium > /dev/null || \
		echo "chromium cannot be installed here (Debian, root and its packages are needed): the browser tests are skipped"; }

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(0 if sys.version_info >= (3, 11) else 'Python 3.11 or newer is needed: make PYTHON=python3.11')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# polars and svy are compared with, not used: they come with the benchmark alone
$(VENV)/installed_bench: $(VENV)/installed benchmarks/requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@touch $@

clean: ## remove what builds leave, not the releases
	rm -rf target logs artifacts .pytest_cache .ruff_cache
