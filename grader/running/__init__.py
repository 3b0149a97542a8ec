"""How one submission is run and judged."""
