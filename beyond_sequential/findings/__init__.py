"""What the judge found, as plain data."""
