"""What the public calls return: frozen data, without torch."""
