"""Documents as pages: opened, decoded ahead, each read by itself."""
