"""Documents that a client's build has put on a list: asked for by their hash, and where it is set, nothing else is.

The list is what graphql-codegen's `persistedDocuments` and Relay's `persistConfig` write: a JSON object of each
document's text by its SHA-256, in hex. Nobody can add to it by asking (Apollo's automatic registration): a list that
strangers write is none.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from services.errors import Rejected

SHA256: Final = "sha256:"


class Trusted:
    """The documents of a list, or of none where the path is empty."""

    def __init__(self, path: str) -> None:
        self._texts = _read(path) if path else {}
        self._known = frozenset(self._texts.values())

    def text(self, document_id: str) -> str | None:
        """The document of that hash, with or without `sha256:` before it."""
        return self._texts.get(document_id.removeprefix(SHA256).lower())

    def has(self, text: object) -> bool:
        return text in self._known


def asked_for(question: Mapping[str, Any]) -> str | None:
    """The hash that a request names: as `documentId`, or as Apollo's clients have it, under its extensions."""
    persisted = (question.get("extensions") or {}).get("persistedQuery")
    named = question.get("documentId") or (persisted.get("sha256Hash") if isinstance(persisted, dict) else None)
    return named if isinstance(named, str) else None


def _read(path: str) -> dict[str, str]:
    """Raises Rejected for a file that is no such list, and for a text that is not that of its hash."""
    try:
        texts = orjson.loads(Path(path).read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise Rejected("INVALID_VALUE", f"TRUSTED_DOCUMENTS cannot be read: {error}") from error
    if not isinstance(texts, dict):
        raise Rejected("INVALID_VALUE", f"TRUSTED_DOCUMENTS is no object of documents by their hashes: {path}")
    for digest, text in texts.items():
        if not isinstance(text, str) or hashlib.sha256(text.encode()).hexdigest() != digest:
            raise Rejected("INVALID_VALUE", f"TRUSTED_DOCUMENTS has a text that is not of its SHA-256: {digest}")
    return texts
