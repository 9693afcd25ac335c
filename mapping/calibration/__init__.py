"""Calls and walks by which people hold what is said of services against what is so."""
