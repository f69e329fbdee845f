"""Cells that a spreadsheet would run: disarmed where we write them, taken as meant where we read them."""

TRIGGERS = ("=", "+", "-", "@", "\t", "\r")
"What makes Excel, LibreOffice or Google Sheets take a cell for a formula (OWASP, CSV injection)."


def disarm(text: str) -> str:
    """The cell as it may stand in a file that a person opens in a spreadsheet.

    >>> disarm("=1+1"), disarm("-5"), disarm("Acme")
    ("'=1+1", "'-5", 'Acme')
    """
    return f"'{text}" if text.startswith(TRIGGERS) else text


def rearm(text: str) -> str:
    """The cell as it was meant: a report that was mended comes back with the quotes that `disarm` gave it.

    >>> rearm("'=1+1"), rearm("'-5"), rearm("'t Hooft")
    ('=1+1', '-5', "'t Hooft")
    """
    return text[1:] if text.startswith("'") and text[1:].startswith(TRIGGERS) else text
