"""What exercises ask, and the data and targets that belong to them."""
