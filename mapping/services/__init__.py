"""Records of several sources into one card of a service."""
