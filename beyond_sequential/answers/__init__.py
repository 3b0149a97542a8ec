"""What a student handed in, as plain data."""
