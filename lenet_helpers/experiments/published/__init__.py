"""Experiments that measure the papers' results again."""
