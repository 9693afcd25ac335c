"""How much may be read of what stands beside a list: one measure over all that is packed in it."""

from dataclasses import dataclass

MOST_BYTES = 2**27
MOST_ROWS = 300_000
MOST_DEPTH = 3
"""So many files may be packed in one another."""


class BeyondAllowanceError(Exception):
    """There is more than may be read: what is left may say anything."""


@dataclass
class PartsAllowance:
    """What is left to be read of a file and of all that is packed in it."""

    bytes_left: int = MOST_BYTES
    rows_left: int = MOST_ROWS

    def take(self, number: int, rows: int = 0) -> None:
        """Count what was read. Raises BeyondAllowanceError when it is more than what was left."""
        self.bytes_left -= number
        self.rows_left -= rows
        if self.bytes_left < 0 or self.rows_left < 0:
            raise BeyondAllowanceError
