"""The record of who said what of a service, and when."""
