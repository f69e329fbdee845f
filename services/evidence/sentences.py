"""Where a text's sentences begin and end, and which of them hold characters that no honest sentence needs. Not what
they say.
"""

import re
import unicodedata
from typing import Final


def split(text: str) -> list[str]:
    """The sentences of a text in their order, without bullets; a line's end ends a sentence, a semicolon does not.

    >>> split("Logins fell, e.g. by 31.4 %. Act now!\\n- Call the sponsor")
    ['Logins fell, e.g. by 31.4 %.', 'Act now!', 'Call the sponsor']
    """
    found: list[str] = []
    for line in re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", text):
        found += _of_line(_BULLET.sub("", line))
    return found


def is_plain(sentence: str) -> bool:
    """Whether it is plain prose in Latin letters: no markup, address, code, quotation, hidden or foreign character."""
    return not _MARKUP.search(sentence) and all(_is_plain(character) for character in sentence)


_BULLET: Final = re.compile(r"^\s*(?:[-*•·–]\s+(?=[^\W\d]|\{)|\d{1,2}[.)]\s+(?=[^\W\d]|\{))")
_END: Final = re.compile(r"(?<![.!?…])[.!?…]+[)’'\"”]*(?=\s+[^\sa-z])")
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|approx|incl|ca|resp|avg|max|min|no|mr|mrs|ms|dr|st)|\b[A-Z])\.$", re.I
)
_MARKUP: Final = re.compile(
    r"://|\bwww\.|\w\.(?:com|net|org|io|example|dev|co)\b|\]\(|\*\*|__|```|&\w+;|&#|^#+\s|(?:^|[\s(])['‘‚]\w|--|\|",
    re.I,
)
_MARKS: Final = frozenset(".,;:!?()'’-–—−…/%$€£&+~≈{}")


def _of_line(line: str) -> list[str]:
    found, start = [], 0
    for end in _END.finditer(line):
        if _ABBREVIATED.search(line[max(0, end.end() - 8) : end.end()]):
            continue
        found.append(line[start : end.end()].strip())
        start = end.end()
    found.append(line[start:].strip())
    return [sentence for sentence in found if sentence]


def _is_plain(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in _MARKS or character == " "
    if character in _MARKS:
        return True
    category = unicodedata.category(character)
    return category == "Zs" or (category in ("Ll", "Lu") and ord(character) <= LAST_LATIN)


LAST_LATIN: Final = 0x24F
"The end of Latin Extended-B: what lies beyond looks like other letters or belongs to other scripts."
