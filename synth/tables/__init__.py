"""Tables set by LaTeX, with their cells: a yardstick for reading tables."""
