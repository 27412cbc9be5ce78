"""Experiments on lines of digits: the second half of the paper of 1998."""
