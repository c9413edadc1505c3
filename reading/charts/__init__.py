"""Charts read into values."""
