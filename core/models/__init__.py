"""What a model is to the rest of the package: its specification, the protocols of its reader, the registry."""
