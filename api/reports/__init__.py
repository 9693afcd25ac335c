"""What people report of a service."""
