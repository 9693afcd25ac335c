"""Pages as PDF, and their fonts."""
