"""Measure the speed that the book promises."""
