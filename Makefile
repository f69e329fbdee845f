# `make` lists the targets. Each one first brings .venv up to the two lock files, and does nothing where it is already.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
LOCKS = requirements.txt requirements-dev.txt
COMPILE = .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	--custom-compile-command 'make lock'
HERE = --universal --python-version 3.11 pyproject.toml
ON_LAMBDA = graphql ingest insights maintenance runtime
LAMBDA = --python-platform x86_64-manylinux_2_28 --python-version 3.13

.DEFAULT_GOAL := help
.PHONY: help install node run test eval bench chaos load fuzzer fuzz check audit vulnerabilities tools schema templates package rehearse lock

help:  ## This list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1	\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

install:
	@test -x .venv/bin/pip || { \
		test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and python3 here is $$(python3 --version 2>&1): PYTHON=/path/to/another make ..."; exit 1; }; \
		echo "making .venv with $$($(PYTHON) --version)"; \
		$(PYTHON) -m venv .venv || { rm -rf .venv; echo "python's venv module is needed (Debian: apt-get install python3-venv)"; exit 1; }; }
	@cksum $(LOCKS) | cmp -s - .venv/installed || { \
		echo "installing $(LOCKS) into .venv"; \
		.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes $(LOCKS:%=-r %) && cksum $(LOCKS) > .venv/installed; }

node: install
	@.venv/bin/python -c 'from pathlib import Path; from local import node; node.install(Path.cwd(), print)'

run: install  ## Everything on this machine, with demo data, on http://127.0.0.1:8000/graphql
	@.venv/bin/python -m local run

test: install  ## The whole test suite, and the coverage of the rules; `make test ARGS="-k name"` for a part
	@.venv/bin/python -m pytest -n 2 --dist loadfile $(if $(ARGS),$(ARGS),--cov --cov-report=term)

eval: install  ## How good an engine's insights are, over seeded accounts; `make eval ARGS=--help`
	@.venv/bin/python -m bench.evaluation $(ARGS)

bench: install  ## How fast it is, beside other ways to serve the same answers; `make bench ARGS=--help`
	@.venv/bin/python -m bench $(ARGS)

chaos: install  ## Break the running system in every way, and see whether it keeps its promises; `make chaos ARGS=--help`
	@.venv/bin/python -m chaos $(ARGS)

load: install  ## Ten minutes of queries and writes at 8 connections: errors, memory, latencies; `make load ARGS=--help`
	@.venv/bin/python -m chaos.load $(ARGS)

fuzzer: install
	@test -x build/fuzz/bin/pip || .venv/bin/python -m venv build/fuzz
	@cksum fuzz/requirements.txt | cmp -s - build/fuzz/installed || { \
		echo "installing fuzz/requirements.txt into build/fuzz"; \
		build/fuzz/bin/pip install --quiet --disable-pip-version-check --require-hashes -r fuzz/requirements.txt && cksum fuzz/requirements.txt > build/fuzz/installed; }

fuzz: fuzzer  ## 10,000 made-up requests with every role against the running server; `make fuzz ARGS="--cases 500 --seed 7"`
	@.venv/bin/python -m fuzz $(ARGS)

check: install  ## Lint, format, types, layers, and whether schema.graphql is the code's and breaks no client
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	PYTHONPATH=. .venv/bin/lint-imports
	.venv/bin/python -m graph.schema --check
	.venv/bin/python -m graph.compatibility --check
	.venv/bin/python -m deploy.templates --check
	@$(MAKE) --no-print-directory audit

audit: install tools  ## Our own rules, cfn-lint, checkov and hadolint over all that is deployed; quick where nothing changed
	@$(MAKE) --no-print-directory node || true
	@.venv/bin/python -m deploy.audit

vulnerabilities: install tools  ## What is known against any version that a lock names; asks PyPI and npm's registry
	@.venv/bin/python -m deploy.audit.vulnerabilities

tools:
	@test -x .audit/bin/pip || .venv/bin/python -m venv .audit
	@cksum requirements-audit.txt | cmp -s - .audit/installed || { \
		echo "installing requirements-audit.txt into .audit"; \
		.audit/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.txt && cksum requirements-audit.txt > .audit/installed; }

schema: install  ## Write schema.graphql from the code
	.venv/bin/python -m graph.schema

templates: install  ## Write template.yaml from deploy/stack
	.venv/bin/python -m deploy.templates

package: install  ## The packages of Lambda's functions, in build/; `make package ARGS=graphql` for one
	@.venv/bin/python -m deploy.package $(ARGS)

rehearse: node  ## Deploy the packages to an emulator of AWS both ways, and use them; `make rehearse ARGS=--help`
	@.venv/bin/python -m deploy.rehearsal $(ARGS)

lock: install  ## Compile the lock files from pyproject.toml; `make lock ARGS=--upgrade` for newer releases
	$(COMPILE) $(HERE) $(ARGS) --output-file requirements.txt
	$(COMPILE) $(HERE) $(ARGS) --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	for on in $(ON_LAMBDA); do \
		$(COMPILE) $(LAMBDA) $(ARGS) --group $$on --constraint requirements.txt --output-file requirements-$$on.txt || exit 1; done
	$(COMPILE) $(LAMBDA) $(ARGS) --group container --constraint requirements-dev.txt --output-file requirements-container.txt
	$(COMPILE) --universal --python-version 3.11 $(ARGS) --group audit --output-file requirements-audit.txt
	$(COMPILE) $(LAMBDA) $(ARGS) --group rehearsal --output-file requirements-rehearsal.txt
	$(COMPILE) --universal --python-version 3.11 $(ARGS) --group fuzz --output-file fuzz/requirements.txt
