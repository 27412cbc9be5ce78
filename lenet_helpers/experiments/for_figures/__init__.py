"""Experiments that make what interactive figures show."""
