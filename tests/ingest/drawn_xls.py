"""An XLS of one sheet, byte by byte: no library of ours writes one.

After [MS-CFB] and [MS-XLS]: a file of sectors with one stream, of records with a code and a length.
"""

import struct

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def xls(cells: dict[tuple[int, int], str], beside: bytes = b"") -> bytes:
    """Give a workbook with texts at rows and columns, both from 0, and one that is in no cell."""
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    name = _record(0x0085, struct.pack("<IBBBB", 0, 0, 0, 6, 0) + b"Foglio")
    at = len(start) + len(name) + 4
    name = _record(0x0085, struct.pack("<IBBBB", at, 0, 0, 6, 0) + b"Foglio")
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    texts = b"".join(_label(row, column, text) for (row, column), text in cells.items())
    # The text of a drawing or a comment goes on from the record of its box.
    box = _record(0x01B6, bytes(18)) + _record(0x003C, beside) if beside else b""
    stream = start + name + _record(0x000A, b"") + sheet + texts + box + _record(0x000A, b"")
    return _compound(stream.ljust(4096, b"\0"))


def locked_xlsx() -> bytes:
    """Give what a workbook with a password looks like from outside."""
    return _compound(bytes(4096), stream_name="EncryptedPackage")


def _record(code: int, content: bytes) -> bytes:
    return struct.pack("<HH", code, len(content)) + content


def _label(row: int, column: int, text: str) -> bytes:
    encoded = text.encode("utf-16-le")
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + encoded)


def _compound(stream: bytes, stream_name: str = "Workbook") -> bytes:
    count = -(-len(stream) // SECTOR)
    chain = [FAT, END, *range(3, count + 2), END]
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(SECTOR, b"\xff")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", 0, *[FREE] * 108)
    folder = _entry("Root Entry", 5, 1, END, 0) + _entry(stream_name, 2, FREE, 2, len(stream))
    return header + fat + folder.ljust(SECTOR, b"\0") + stream.ljust(count * SECTOR, b"\0")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBBIII", len(encoded), kind, 1, FREE, FREE, child)
    return encoded.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)
