"""How a whole class is graded."""
