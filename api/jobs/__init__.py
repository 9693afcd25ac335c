"""The work behind the commands of `prossima`, one module for each."""
