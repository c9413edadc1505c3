"""Writers of charts, one a format."""
