"""Names as a sentence may show them. Not whose they are."""

from typing import Final


def shown(key: str, name: str) -> str:
    """The name as a sentence shows it: whole, or not at all where it is long or could be more than a name."""
    if (
        not 0 < len(name.strip()) <= LONGEST
        or any(mark in name.lower() for mark in _MACHINE)
        or not all(map(_is_of_names, name))
    ):
        return "this account" if key == "account" else "an account"
    return " ".join(name.split())


LONGEST: Final = 80
_MACHINE: Final = ("://", "www.", "{", "<", "@", "`", "[", "\n", "]]", "--", "```")


def _is_of_names(character: str) -> bool:
    return character.isalnum() or character in " .,&'-()/+" or character == "’"
