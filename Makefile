# Two commands do everything: `make demo` and `make test`. `make help` lists the others.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2
# Which build of torch to install, where uv is used: cpu, cu126, auto, … (empty: PyPI's own).
TORCH_BACKEND ?= $(UV_TORCH_BACKEND)
KIT := --constraint constraints.txt --editable ".[dev]"

.PHONY: demo test proof stubs notebooks bench help clean

demo: $(READY)  ## set everything up, make a small class and grade it
	$(BIN)/grader demo

test: $(READY)  ## prove the kit: format, lint, the order of imports, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	$(BIN)/pytest tests -p xdist -n $(WORKERS) --dist loadfile -m "not proof" -rs --durations 10

proof: $(READY)  ## run all tests: every attack in all modes, the whole corpus, faults
	$(BIN)/pytest tests -p xdist -n $(WORKERS) -rs --durations 10

stubs: $(READY)  ## write the stubs from the solutions; ask before an edited file is replaced
	$(BIN)/python -m grader.authoring.write_stubs

notebooks: $(READY)  ## write the notebooks from their sources and the solutions, without outputs
	$(BIN)/python -m grader.authoring.notebooks

bench: $(READY)  ## run every benchmark: hours
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

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

clean:  ## remove the environment
	rm -rf $(VENV)

# uv installs in parallel what pip unpacks in one thread. It is taken from PATH, or put into the
# environment by pip.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@echo "Installing torch and the rest (a minute or more, and gigabytes, once)."
	@command -v uv > /dev/null || $(BIN)/python -m pip install --quiet --constraint constraints.txt uv || true
	@PATH="$$PATH:$(CURDIR)/$(BIN)" UV_TORCH_BACKEND="$(TORCH_BACKEND)" sh -c ' \
		[ -n "$$UV_TORCH_BACKEND" ] || unset UV_TORCH_BACKEND; \
		uv pip install --quiet --python $(BIN)/python --compile-bytecode $(KIT)' || \
		{ echo "uv could not install it: trying pip, which takes some minutes$(if $(TORCH_BACKEND), and takes the usual build of torch)."; \
		$(BIN)/python -m pip install --quiet $(KIT); }
	@touch $(READY)
