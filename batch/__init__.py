"""Many documents at once: a record of work that survives anything, processes on all cores, results that are whole."""
