"""The published folder: writing, verifying, reading."""
