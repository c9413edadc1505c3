"""Documents as scripts that are read aloud, and programs that read them."""
