"""From an exercise and an answer to a verdict."""
