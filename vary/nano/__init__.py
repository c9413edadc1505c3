"""vary-nano: the region detector that ships."""
