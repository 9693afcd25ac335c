"""Looks in published files for anything that gives a confidential place away."""
