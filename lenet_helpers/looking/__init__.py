"""What a trained network sees, what it can lose, and what fools it."""
