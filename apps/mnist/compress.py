"""Unpacks what the old Unix program `compress` packed: files that end in `.Z`, the form in which UCI serves some.

After two bytes of magic and one of flags come codes of 9 bits and more, the lowest bit first (Lempel, Ziv, Welch). The
codes up to 255 stand for their byte; each code that is read makes a new one, which stands for what the code before it
stood for and one more byte. When there are more than a code's bits can tell apart, codes get a bit wider; 256 says to
forget all that were made. In both cases the rest of the group of eight codes that the packer was writing is skipped.
"""

from __future__ import annotations

MAGIC = b"\x1f\x9d"
FORGET = 256
"""The code to begin anew with, where the flags say that there is one."""
NARROWEST, WIDEST = 9, 16
"""The fewest and the most bits of a code. Files in which none may get wider than 9 bits are refused: `compress` damages
what it packs so, programs differ in how they unpack it, and nothing in the file would tell."""


class DamagedError(ValueError):
    """These bytes are not what `compress` writes, or hold too much; the message says what is wrong."""


def unpack(packed: bytes, limit: int) -> bytes:
    """The bytes that `compress` made these of.

    The form has no checksum: what is cut short just behind a code is not told from a whole file.
    Raises DamagedError for bytes of another form, and when they stand for more than `limit` bytes.

    >>> unpack(bytes.fromhex("1f9d9061028601"), limit=100)
    b'aaaa'
    """
    if packed[:2] != MAGIC or len(packed) < 3:
        raise DamagedError("does not begin as `compress` begins its files")
    widest, forgets = packed[2] & 0x1F, bool(packed[2] & 0x80)
    if not NARROWEST <= widest <= WIDEST or packed[2] & 0x60:
        raise DamagedError(f"has the flags {packed[2]:#04x}, which `compress` does not write")
    if widest == NARROWEST:
        raise DamagedError("has codes of 9 bits only, which `compress` itself cannot unpack; pack it with more")
    first = FORGET + 1 if forgets else FORGET
    meanings = [bytes([value]) for value in range(256)] + [b""] * forgets
    width, before = NARROWEST, b""
    result, size = [], 0
    bits, held, at, group = 0, 0, 3, 3  # bits that are read but not used, how many; next byte; where groups begin
    while True:
        if len(meanings) == 1 << width and width < widest:
            at = group = _end_of_group(at, group, width)
            bits, held, width = 0, 0, width + 1
        while held < width and at < len(packed):
            bits |= packed[at] << held
            held, at = held + 8, at + 1
        if held < width:
            break
        code = bits & ((1 << width) - 1)
        bits, held = bits >> width, held - width
        if code == FORGET and forgets:
            at = group = _end_of_group(at, group, width)
            bits, held, width, before = 0, 0, NARROWEST, b""
            del meanings[first:]
            continue
        if code < len(meanings):
            meaning = meanings[code]
        elif code == len(meanings) and before:  # the code that is being made: its last byte is also its first
            meaning = before + before[:1]
        else:
            raise DamagedError(f"holds the code {code}, which has no meaning yet, before byte {at}")
        if before and len(meanings) < 1 << widest:
            meanings.append(before + meaning[:1])
        before = meaning
        size += len(meaning)
        if size > limit:
            raise DamagedError(f"holds more than {limit:,} bytes")
        result.append(meaning)
    if held >= 8 or bits:
        raise DamagedError("is cut short: it ends in the middle of a code")
    return b"".join(result)


def _end_of_group(at: int, first: int, width: int) -> int:
    """Where the group of codes ends that byte `at - 1` belongs to: each is as many bytes as a code has bits."""
    return first - (first - at) // width * width
