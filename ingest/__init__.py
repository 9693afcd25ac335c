"""Sources: from what others publish to the catalogue and the reference layers."""
