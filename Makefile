# `make demo` sets everything up and grades a small class; `make test` proves the kit.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.PHONY: demo test proof stubs notebooks bench clean

demo: $(READY)
	$(BIN)/grader demo

test: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/pytest tests -p xdist -n $(WORKERS) -m "not proof" -rs

# All tests: the whole corpus, all attacks in all modes.
proof: $(READY)
	$(BIN)/pytest tests -p xdist -n $(WORKERS) -rs

# Regenerate the stubs from the solutions; an edited file is replaced only after asking.
stubs: $(READY)
	$(BIN)/python -m grader.authoring.write_stubs

# Write the notebooks from their sources and the solutions, without outputs.
notebooks: $(READY)
	$(BIN)/python -m grader.authoring.notebooks

bench: $(READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[bench]"
	$(BIN)/python benchmarks/learner_loop.py
	$(BIN)/python benchmarks/grading.py
	$(BIN)/python benchmarks/class_size.py
	$(BIN)/python benchmarks/garments.py
	$(BIN)/python benchmarks/transfer.py
	$(BIN)/python benchmarks/learning_curve.py
	$(BIN)/python benchmarks/capstone.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/nbgrader_cycle.py
	$(BIN)/python benchmarks/steadiness.py

clean:
	rm -rf $(VENV)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@echo "Installing torch and the rest (some minutes and gigabytes, once)."
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	@touch $(READY)
