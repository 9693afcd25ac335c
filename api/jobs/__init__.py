"""What a command does, one module a job."""
