"""What may be said of how well a place is served."""
