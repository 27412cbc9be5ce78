"""Experiments on trained networks: what they can lose, and what fools them."""
