"""Tables of pages: where they are, and their rows and columns, from rules and the places of words."""
