"""Writers of traced figures, one a format."""
