"""A course directory for nbgrader, and what students get of it."""
