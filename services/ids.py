"""Ids as clients know them: a prefix that tells the kind, and the key. Opaque to clients, readable in a log.

acc_17   upl_3f2a…   job_9c41…   ins_77b0…   chg_5   pbk_win-back   scd_1   key_ab12CD34

A key's is no node's: `split` takes none, so that nobody learns by it which keys there are.
"""

import re
from typing import Final
from uuid import UUID

from services.errors import Rejected

ACCOUNT: Final = "acc"
UPLOAD: Final = "upl"
JOB: Final = "job"
INSIGHT: Final = "ins"
PLAYBOOK: Final = "pbk"
SCORECARD: Final = "scd"
KEY: Final = "key"

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
_UUID: Final = re.compile(r"[0-9a-f]{32}")
_WORD: Final = re.compile(r"[a-z0-9-]{1,64}")
_PREFIX: Final = re.compile(r"[0-9A-Za-z]{8}")
_SHAPES: Final = {
    ACCOUNT: _NUMBER,
    UPLOAD: _UUID,
    JOB: _UUID,
    INSIGHT: _UUID,
    PLAYBOOK: _WORD,
    SCORECARD: _NUMBER,
    KEY: _PREFIX,
}


def split(node_id: str) -> tuple[str, str]:
    """The kind and the key. Raises Rejected for a text that no id looks like.

    >>> split("acc_17")
    ('acc', '17')
    """
    kind, _, key = node_id.partition("_")
    if kind not in _SHAPES or kind == KEY or _SHAPES[kind].fullmatch(key) is None:
        raise Rejected("INVALID_VALUE", f"{_cut(node_id)!r} is not an id", ["id"])
    return kind, key


def of(kind: str, key: UUID) -> str:
    """The id of that kind for a key that is a UUID.

    >>> of(JOB, UUID(int=255))
    'job_000000000000000000000000000000ff'
    """
    return f"{kind}_{key.hex}"


def number(node_id: str, kind: str, path: str = "id") -> int:
    """The key of an id of that kind whose keys are numbers. Raises Rejected."""
    return int(_key(node_id, kind, path))


def uuid(node_id: str, kind: str, path: str = "id") -> UUID:
    """The key of an id of that kind whose keys are UUIDs. Raises Rejected."""
    return UUID(_key(node_id, kind, path))


def key(node_id: str, path: str = "id") -> str:
    """The prefix of the API key of that id. Raises Rejected."""
    return _key(node_id, KEY, path)


def _key(node_id: str, kind: str, path: str) -> str:
    prefix, _, key = node_id.partition("_")
    if prefix != kind or _SHAPES[kind].fullmatch(key) is None:
        raise Rejected("INVALID_VALUE", f"{_cut(node_id)!r} is not the id of {_NAMES[kind]}", [path])
    return key


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


_NAMES: Final = {
    ACCOUNT: "an account",
    UPLOAD: "an upload",
    JOB: "a job",
    INSIGHT: "an insight",
    PLAYBOOK: "a playbook",
    SCORECARD: "a scorecard",
    KEY: "an API key",
}
