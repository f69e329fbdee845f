"""The text of an API key: made, told from other texts, and hashed. Not who it belongs to: that is services.keys.

    aisi_ab12CD34_<43 characters: the secret><6 characters: the checksum>

The first part tells scanners what was found, the second tells people which one it is, the checksum tells a typing
error, or a text that only looks like a key, before anybody asks the database.
"""

import hashlib
import re
from collections.abc import Callable
from typing import Final
from zlib import crc32

DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SHAPE: Final = re.compile(r"aisi_([0-9A-Za-z]{8})_[0-9A-Za-z]{49}")
"What a secret scanner looks for."
SECRET_BYTES: Final = 32
SECRET: Final = 43
"So many digits to the base 62 hold 256 bits."
CHECKSUM: Final = 6


def make(entropy: Callable[[int], bytes]) -> str:
    """A new key. `entropy` answers so many bytes that nobody can foresee.

    >>> make(bytes)
    'aisi_00000000_00000000000000000000000000000000000000000000mOEji'
    """
    prefix = _digits(int.from_bytes(entropy(8)) % 62**8, 8)
    secret = _digits(int.from_bytes(entropy(SECRET_BYTES)), SECRET)
    body = f"aisi_{prefix}_{secret}"
    return body + _checksum(body)


def prefix(text: str) -> str | None:
    """The part of a key that people know it by; None for a text that is no key.

    >>> prefix(make(bytes)), prefix(make(bytes)[:-1] + "j"), prefix("secret")
    ('00000000', None, None)
    """
    found = SHAPE.fullmatch(text)
    if found is None or _checksum(text[:-CHECKSUM]) != text[-CHECKSUM:]:
        return None
    return found[1]


def digest(text: str) -> str:
    """What is kept of a key: its SHA-256, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _checksum(body: str) -> str:
    return _digits(crc32(body.encode()), CHECKSUM)


def _digits(number: int, width: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = DIGITS[rest] + digits
    return digits.rjust(width, "0")
