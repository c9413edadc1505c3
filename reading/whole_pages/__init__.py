"""Pages read whole by published models, several at a time."""
