"""How networks learn here: on-line, in batches, with Lightning."""
