"""What people and programs call: HTTP, pages, exports and the command line."""
