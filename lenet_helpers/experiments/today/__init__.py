"""Experiments on what has changed since 1998."""
