"""Grey zones: their outlines, their words, their life between editions."""
