"""Unpacks gzipped files while they are read, so that a small file that unpacks to a huge one costs nothing.

Python's own GzipFile takes any number of packed parts one behind the other, and a header of any length, a byte at a
time: of a file made for it, it would read for minutes. Here there is one part, and zlib reads the header.
"""

from __future__ import annotations

import zlib
from typing import IO

MAGIC = b"\x1f\x8b"
"""How gzipped files begin."""
CHUNK = 1 << 16
"""Packed bytes that are read at a time."""


class Unpacked:
    """What a gzipped file holds, from its beginning on.

    >>> import gzip, io
    >>> content = Unpacked(io.BytesIO(gzip.compress(b"7210414959")))
    >>> content.read(3), content.read(100), content.read(100)
    (b'721', b'0414959', b'')
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._unpacker = zlib.decompressobj(wbits=31)  # 31: gzip's header and checksum
        self._packed = b""

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer only at the end.

        Raises zlib.error for damage, a wrong checksum among it, EOFError for a file that is cut short, ValueError for
        one that goes on behind its end.
        """
        content = bytearray()
        while len(content) < size and not self._unpacker.eof:
            packed = self._packed or self._file.read(CHUNK)
            piece = self._unpacker.decompress(packed, size - len(content))
            if not packed and not piece:
                raise EOFError("the packed bytes are cut short")
            content += piece
            self._packed = self._unpacker.unconsumed_tail
        if len(content) < size and (self._unpacker.unused_data or self._file.read(1)):
            raise ValueError("there is something behind the end of the packed bytes")
        return bytes(content)
