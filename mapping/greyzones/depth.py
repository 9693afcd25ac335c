"""How grave a zone is: what its depth counts, and where that tells nothing."""

LONGEST_MINUTES = 60
"""The depth of a zone counts longer walks as these."""
NEED_A_LIST = {"catalogue_incomplete", "list_expired"}
"""The reasons of doubts that no call settles: services are missing from the list, or may be."""
