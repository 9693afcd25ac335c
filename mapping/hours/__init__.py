"""When a service is open, and in which part of the week or year."""
