# What a person does here, eleven things and the list of them: `make help`.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check soak neo4j evaluate bench format clean

BIN := .venv/bin
# One thread a process: the machine's cores go to the tests that run side by side, and figures repeat.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
# What was compiled is kept: else each of the hundreds of commands that tests start compiles the package anew.
unexport PYTHONDONTWRITEBYTECODE

# One more than the cores that CI has: tests wait for servers, browsers and commands a third of their time.
JOBS ?= 3
SIDE_BY_SIDE := -n $(JOBS) --dist worksteal

help:  ## this list
	@grep -E '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /  make \1\t/' | expand -t 18

setup:  ## .venv with every pinned requirement; the other targets call it
	@scripts/setup.sh

demo: setup  ## the demo organisation, served on 127.0.0.1 (CHECK=1 asks one question and exits; PORT=8000)
	@$(BIN)/python scripts/demo.py $(if $(PORT),--port $(PORT)) $(if $(CHECK),--check)

test: setup  ## the whole suite at its everyday size; ends with what was left out (ARGS="-k words", JOBS=3 side by side)
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

check: setup  ## what CI runs: format, lint, types, floors, requirements, drift, then the suite at the size of CI, whole
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/python scripts/contract.py --check
	EXPERTFINDER_LEAVE_NOTHING_OUT=1 $(BIN)/python -m pytest --size ci $(SIDE_BY_SIDE) $(ARGS)

soak: setup  ## what is promised of Neo4j at its full sizes, and an hour of a service, in hours (ARGS="kills scrub", ARGS=--list; SET=name copies that set)
	@$(BIN)/python scripts/soak.py $(ARGS) $(if $(SET),--set $(SET))

neo4j: setup  ## a real Neo4j on 127.0.0.1, empty; fetched once (STOP=1 ends it; ARGS="--version current --heap 2g")
	@$(BIN)/python scripts/neo4j/server.py $(if $(STOP),stop,start) $(ARGS)

evaluate: setup  ## the rankers against every set in EXPERTFINDER_SETS, kept in benchmarks/results (SET=name; ARGS="--against FILE"; ENCODERS=1: gain and cost of stronger encoders, in an environment of its own)
	@$(BIN)/python $(if $(ENCODERS),scripts/encoders.py $(SET),scripts/evaluate.py $(SET) --save) $(ARGS)

bench: setup  ## how fast it is beside what others would build, kept in benchmarks/speed (SIZE=XS, S or M; ARGS="--only peers http")
	@$(BIN)/python scripts/benchmark.py --size $(or $(SIZE),S) --save $(ARGS)

format: setup  ## put the code in its one form
	$(BIN)/ruff check --fix --exit-zero
	$(BIN)/ruff format

clean:  ## remove what the other targets made
	rm -rf .venv .neo4j .keycloak .opensearch .demo .out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
