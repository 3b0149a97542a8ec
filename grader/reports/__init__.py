"""What teachers and students read of a graded class."""
