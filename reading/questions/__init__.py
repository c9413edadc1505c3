"""Questions about pages, and places of pages that a question names."""
