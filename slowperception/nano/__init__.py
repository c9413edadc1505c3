"""slowperception-nano: the figure tracer that ships."""
