"""From records of several sources to one card of a service: matched, merged, scored, listed."""
