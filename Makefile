# Redis Geo: commands of the checkout. Each sets up what it needs; a second time that takes no time.
#   make run          QGIS with the plugin, a server of its own and sample data (without a display: pictures in build/)
#   make pictures     the pictures of the docs, from the scenes of make run in English and French
#   make test         everything that CI runs: lint, tests/unit, tests/qgis, tests/integration, tests/packaging
#   make bench        the figures, side by side; AREA=cache for one of them
#   make soak         an hour of live positions: nothing may grow; SOAK_MINUTES=5 for less
#   make package      build/redis_geo_plugin.zip, which QGIS installs
#   make test-peers   QGIS's own cases and layers, native beside cached (docs/development.md); ALGORITHM=buffer for one
#   make test-matrix  the tests on QGIS 3.22, 3.40 and 3.44 (needs root; see tools/matrix.sh)
SHELL := /bin/bash
.DEFAULT_GOAL := help
ENVIRONMENT := . tools/environment.sh &&
AREA ?=
KINDS ?= lint unit qgis integration packaging

.PHONY: help setup run pictures test lint bench soak package translations test-full test-peers test-matrix clean $(addprefix test-,unit qgis integration packaging)

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed '/^ *$$/d'

setup:
	@tools/setup.sh

run: setup
	@tools/run.sh

# Plays the scenes at 1280 x 720 in English and in French; their pictures become those of docs/images.
pictures: setup
	@set -e; for language in en fr; do \
	  REDIS_GEO_DEMO_DIR=build/pictures-$$language/demo REDIS_GEO_DEMO_LANGUAGE=$$language REDIS_GEO_DEMO_SCREEN=1280x720 \
	    REDIS_GEO_DEMO_LIMIT=1200 REDIS_GEO_DEMO_OPTIONAL=1 REDIS_GEO_DEMO_PLAY=1 tools/run.sh; \
	  . tools/environment.sh; python -m tools.demo.gallery build/pictures-$$language $$language; \
	done

translations: setup
	@$(ENVIRONMENT) python tools/translations.py build

test: setup
	@$(ENVIRONMENT) python tools/run_tests.py $(KINDS)

test-unit test-qgis test-integration test-packaging: test-%: setup
	@$(ENVIRONMENT) python tools/run_tests.py $*

lint: setup
	@$(ENVIRONMENT) tools/lint.sh

bench: setup
	@$(ENVIRONMENT) python -m benchmarks $(AREA)

# An hour of live positions at 1,000 changes a second (SOAK_MINUTES for another length): what has grown in the end.
SOAK_MINUTES ?= 60
soak: setup
	@export SOAK_MINUTES=$(SOAK_MINUTES); $(ENVIRONMENT) python -m benchmarks soak

package: setup
	@$(ENVIRONMENT) python tools/package.py

# The faults in their full length: 10,000 jobs, 50 times kill -9, a long hostile day, 100,000 cases of rubbish. Takes half an hour.
# With REDIS=8 on Redis 8 instead of the installed one, and all clusters of Redis 8 instead of Valkey's.
REDIS ?=
test-full: setup
	@export REDIS_GEO_FULL=1 REDIS_GEO_REDIS=$(REDIS) $(if $(REDIS),REDIS_GEO_CLUSTER=redis8); $(ENVIRONMENT) python tools/run_tests.py $(KINDS)

# QGIS's own cases for the native algorithms that the cached ones stand in for, and a matrix over its test layers.
ALGORITHM ?=
PEERS ?=
test-peers: setup
	@$(ENVIRONMENT) python -m tests.peers $(ALGORITHM) $(PEERS)

test-matrix:
	@tools/matrix.sh

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis resources/translations/*.qm
	find . -name __pycache__ -not -path './.venv/*' -not -path './.cache/*' -prune -exec rm -rf {} +
