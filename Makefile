# Every command sets up what it needs first: a virtual environment in .venv, pinned packages, system libraries.
PYTHON ?= python3
VENV := .venv/bin/python
# On CI a test that is left out for want of a browser or a server is a failure.
MUST_RUN := $(if $(CI),-p tools.ci_report --must-run=browser --must-run=postgresql)
MUST_PROVE := $(if $(CI),-p tools.ci_report --must-run=browser --must-run=deploy --must-run=postgresql)
LOCK := -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header

.PHONY: run test prove check bench gallery lock clean help
.DEFAULT_GOAL := help

run: ## run the site with its demo on this machine; Ctrl-C stops everything
	@$(PYTHON) tools/prepare.py run
	@$(VENV) -m tools.demo

test: ## the tests; about a quarter of an hour on two cores
	@$(PYTHON) tools/prepare.py test
	@$(VENV) -m pytest -n 2 $(MUST_RUN)

prove: ## the long proofs, and every page on every screen
	@$(PYTHON) tools/prepare.py prove
	@$(VENV) -m pytest -m prove -n 2 --dist worksteal --durations=8 $(MUST_PROVE)

check: ## ruff, mypy --strict and the shape of the code
	@$(PYTHON) tools/prepare.py test
	@$(VENV) -m ruff check . && $(VENV) -m ruff format --check . && $(VENV) -m mypy && $(VENV) -m pytest tests/shape

bench: ## what things cost, as ratios against a baseline of the same run
	@$(PYTHON) tools/prepare.py test
	@$(VENV) -m bench

gallery: ## a picture of every page
	@$(PYTHON) tools/prepare.py test
	@$(VENV) -m tools.gallery

lock: ## pin requirements*.in anew
	@$(PYTHON) tools/prepare.py test
	@$(VENV) $(LOCK) requirements.in -o requirements.txt && $(VENV) $(LOCK) requirements-dev.in -o requirements-dev.txt

clean: ## remove what can be made again; instance/ stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@sed -n 's/^\([a-z]*\): ## /\1\t/p' Makefile
