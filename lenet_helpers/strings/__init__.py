"""Strings of digits: lines, cuts, graphs of readings, grammars."""
