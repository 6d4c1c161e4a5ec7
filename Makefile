# Everything here only calls the Python commands that README.md lists for machines without make.
.DEFAULT_GOAL := help
.PHONY: help setup demo test unproved check fmt e2e bench soak failure-modes lock messages fuzz

BIN := .venv/bin
STAMP := .venv/.synced
NOT_PROVED := .venv/not-proved.txt

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

setup: $(STAMP)  ## make the environment and install what the lock file names
$(STAMP): pyproject.toml uv.lock .ci/setup
	@.ci/setup
	@touch $(STAMP)

demo: $(STAMP)  ## a firm, a sample company, a shop, the panel: prints address and login
	$(BIN)/python manage.py demo $(ARGS)

test: export NOT_PROVED_FILE := $(NOT_PROVED)
test: unproved check  ## everything that can be proved on this machine
	@status=0; \
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS) || status=$$?; \
	if [ -d tests/pipeline ]; then TEST_POSTGRESQL=1 $(BIN)/pytest -n 2 --dist load -m "not one_database" tests/pipeline || status=$$?; fi; \
	if [ -s $(NOT_PROVED) ]; then sort -u $(NOT_PROVED); fi; \
	exit $$status

unproved:
	@rm -f $(NOT_PROVED)

check: $(STAMP)  ## style, types, known vulnerabilities (imports, migrations and messages are checked by tests)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	.ci/audit

fmt: $(STAMP)  ## write the style that check wants
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

e2e: $(STAMP)  ## only the tests that drive a browser
	$(BIN)/pytest -m e2e $(ARGS)

bench: $(STAMP)  ## requests, seconds and memory of synchronisations, beside the least (one size: SIZE=1000)
	$(BIN)/python -m tests.benchmarks $(if $(SIZE),--products $(SIZE)) $(ARGS)

fuzz: $(STAMP)  ## nonsense in large numbers for readers, forms and pages (less: SHARE=0.1; other: SEED=7)
	@mkdir -p var
	FUZZ=$(or $(SHARE),1) FUZZ_SEED=$(or $(SEED),0) FUZZ_REPORT=var/fuzz.txt TEST_POSTGRESQL=1 $(BIN)/pytest tests/fuzz -p no:randomly $(ARGS)

failure-modes: $(STAMP)  ## run the tests that show how failure modes are survived, and write docs/failure-modes.md
	$(BIN)/python -m pytest -n 2 --dist loadfile -m failure_mode -p tests.faults.table --failure-table docs/failure-modes.md $(ARGS)

soak: $(STAMP)  ## faults by a seeded schedule, workers killed, broker emptied (MINUTES=30, SEED=7 repeats one)
	$(BIN)/python -m tests.faults.soak --minutes $(or $(MINUTES),30) $(if $(SEED),--seed $(SEED)) $(ARGS)

lock: $(STAMP)  ## lock newer versions within the ranges of pyproject.toml
	$(BIN)/uv lock --upgrade

messages: $(STAMP)  ## compile the translations (locale/*/LC_MESSAGES/*.po)
	$(BIN)/pybabel compile --domain django --directory locale --statistics
