"""TIFF's LZW: what reading needs, and a stored form for writing.

Only the rows under a label pass through here, so plain Python does. What is written uses no
dictionary: literals with a reset before codes would grow, an eighth larger than the pixels, and
valid for every reader.

Source: TIFF 6.0, section 13.
"""

from __future__ import annotations

import numpy as np

_CLEAR, _END = 256, 257
_LITERALS = 250
"""After so many literals the table is reset: codes stay 9 bits long."""


def lzw_decoded(data: bytes, size: int) -> bytes:
    """At most `size` bytes and what the last code adds; fewer where the data end.

    Raises:
        ValueError: A code does not exist.
    """
    singles = [bytes([k]) for k in range(256)] + [b"", b""]
    table: list[bytes] = singles.copy()
    out = bytearray()
    previous = b""
    width, held, bits = 9, 0, 0
    for byte in data:
        held, bits = (held << 8) | byte, bits + 8
        if bits < width:
            continue
        bits -= width
        code, held = held >> bits, held & ((1 << bits) - 1)
        if code == _CLEAR:
            table, previous, width = singles.copy(), b"", 9
            continue
        if code == _END or len(out) >= size:
            break
        if code < len(table):
            entry = table[code]
        elif code == len(table) and previous:
            entry = previous + previous[:1]
        else:
            raise ValueError("no such code")
        out += entry
        if previous:
            table.append(previous + entry[:1])
            if len(table) > 4096:
                raise ValueError("the table is full")
        previous = entry
        width = 9 + (len(table) >= 511) + (len(table) >= 1023) + (len(table) >= 2047)
    return bytes(out)


def lzw_stored(data: bytes) -> bytes:
    """The bytes as literals of 9 bits, with a reset before the table would make them longer."""
    literals = np.frombuffer(data, np.uint8).astype(np.uint16)
    rows = -(-len(literals) // _LITERALS)
    padded = np.zeros(rows * _LITERALS, np.uint16)
    padded[: len(literals)] = literals
    resets = np.full((rows, 1), _CLEAR, np.uint16)
    codes = np.concatenate([resets, padded.reshape(rows, _LITERALS)], axis=1).ravel()
    codes = np.append(codes[: len(literals) + rows], np.uint16(_END))
    bits = (codes[:, None] >> np.arange(8, -1, -1, dtype=np.uint16)) & 1
    return np.packbits(bits.astype(np.uint8).ravel()).tobytes()
