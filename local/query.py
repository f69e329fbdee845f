"""`python -m local query`: one document to the API, its answer as readable JSON."""

import json
from pathlib import Path

from local import api
from services.errors import NotFound, Rejected


def run(url: str, text: str | None, *, file: Path | None, variables: str) -> int:
    """Print the whole answer; 1 where it has errors."""
    try:
        values = json.loads(variables)
    except ValueError as error:
        raise Rejected("INVALID_VALUE", f"--variables is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise Rejected("INVALID_VALUE", "--variables must be a JSON object")
    answer = api.raw(url, _read(file) if file is not None else text or "", values)
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 1 if answer.get("errors") else 0


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(f"cannot read {file}: {error.strerror}") from error
