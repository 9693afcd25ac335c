"""How the bytes of a source come, and where they are kept."""
