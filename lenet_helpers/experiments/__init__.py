"""Measurements that take longer than a chapter may, a file each, kept in `results/`.

``python -m lenet_helpers.experiments NAME`` runs one. Its module says

- in its docstring, what it measures, the first line as a title;
- in ``PAPER``, what the paper found, in a few words;
- in ``CONFIGURATIONS``, a list of dicts, what is run, once for each seed;
- in ``run(seed, **configuration)``, how; it returns a dict of measured values: numbers,
  text, lists of numbers, and under ``files``, if weights are to be kept, their dicts of
  tensors by file name. It calls `report_pass` after each pass;
- optionally in ``is_random(configuration)``, whether seeds differ: else one is run; in
  ``NUM_SEEDS``, ``NUM_JOBS`` and ``NUM_THREADS``, how many seeds, how many runs at once
  and how many cores a run has, if not the usual.

Values of a configuration are numbers, text, True, False or None.
"""
