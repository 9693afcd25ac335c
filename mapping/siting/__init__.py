"""Where the next service should be, and what a change would do."""
