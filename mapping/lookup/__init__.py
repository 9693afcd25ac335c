"""What is near a place: nearest services and round trips."""
