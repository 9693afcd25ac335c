"""How grave a zone is: what its depth counts, and where that tells nothing."""

LONGEST_MINUTES = 60
"""The depth of a zone counts longer walks as these."""
NEEDS_A_LIST = "catalogue_incomplete"
"""The reason of a doubt that no call settles, since services are missing from the list."""
