"""Pages of regions: the data engine of layouts."""
