"""Italian addresses to points, and points to addresses."""
