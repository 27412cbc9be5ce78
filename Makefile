# make book    the book, in _build/html/index.html
# make test    everything that CI runs
# make lab     JupyterLab; a click on a chapter opens it as a notebook
# make bench   the numbers that the book's speed is judged by
# make reproduce    all experiments again, beside results/, and a comparison: hours;
#                   make reproduce EXPERIMENTS="speedrun --seeds 1": one, a minute
# make clean   remove what was built; make distclean: the environment and data too
#
# On Linux without a GPU, UV_TORCH_BACKEND=cpu installs PyTorch's CPU build, which is
# much smaller: UV_TORCH_BACKEND=cpu make book

# PyTorch's threads wait for each other in a busy loop. On a core that somebody else
# needs that made a training run ten times slower and more, so let them sleep: a fifth
# to a half slower on an idle machine. What is timed there has PyTorch's default.
export OMP_WAIT_POLICY ?= passive
AWAKE := env -u OMP_WAIT_POLICY

PYTHON ?= python3
LENET_DATA ?= data
export LENET_DATA := $(abspath $(LENET_DATA))
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
LAB_SETTINGS := $(VENV)/share/jupyter/lab/settings/overrides.json
MNIST := $(LENET_DATA)/t10k-labels-idx1-ubyte
LOAD := from lenet_helpers import load_mnist; print(load_mnist())

EXPERIMENTS ?= all
AGAIN ?= _build/results

PYTEST := $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: book test lab bench reproduce clean distclean

book: $(INSTALLED) $(MNIST)
	$(BIN)/jupyter-book build . -W -n --keep-going

test: book
	$(BIN)/uv pip check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	LENET_SOURCE=sample $(PYTEST) --nbval-lax --nbval-current-env chapters
	$(PYTEST) --durations=10

lab: $(INSTALLED) $(MNIST)
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/chapters/intro.md

bench: $(INSTALLED) $(MNIST)
	$(AWAKE) $(BIN)/python -m benchmarks
	$(AWAKE) $(BIN)/python -m benchmarks.online

# Goes on where it stopped. Fails where a run does not agree with what is stored.
reproduce: $(INSTALLED) $(MNIST)
	$(AWAKE) $(BIN)/python -m lenet_helpers.experiments $(EXPERIMENTS) --results $(AGAIN)
	$(BIN)/python -m lenet_helpers.experiments --compare $(AGAIN)

$(INSTALLED): requirements.txt pyproject.toml .jupyter/overrides.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv==0.13.9
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt
	mkdir -p $(dir $(LAB_SETTINGS))
	cp .jupyter/overrides.json $(LAB_SETTINGS)
	touch $@

$(MNIST): | $(INSTALLED)
	$(BIN)/python -c "$(LOAD)"

clean:
	rm -rf _build

distclean: clean
	rm -rf $(VENV) data
