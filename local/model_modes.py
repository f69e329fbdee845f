"""How the model's double can behave, each with what it does. Apart, so that the command line loads no server."""

from collections.abc import Mapping
from typing import Final

MODES: Final[Mapping[str, str]] = {
    "honest": "a decent review, the values as keys of the facts",
    "honest-literals": "the same with the values written out",
    "lying": "numbers, names and dates that no fact holds",
    "obedient": "does what any text in the prompt that is not ours tells it",
    "rate-limited": "429, Retry-After as --seconds say",
    "rate-limited-once": "the same once, then honest",
    "no-credit": "429, insufficient_quota",
    "broken": "500",
    "broken-once": "the same once, then honest",
    "unauthorized": "401",
    "unknown-model": "404",
    "truncated": "JSON that is cut off, though finish_reason says stop",
    "length": "no text: the limit of tokens was reached",
    "refusal": "the model refuses",
    "filtered": "the content filter holds the answer back",
    "empty": "no text",
    "tool": "a call of a tool that nobody offered",
    "html": "200 with a page",
    "half": "the connection closes in the middle of the body",
    "slow": "honest, after --seconds",
    "silent": "never answers",
    "trickling": "white space without end in place of a body",
    "wrong-schema": "JSON of another shape",
    "wrong-schema-once": "the same once, then honest",
    "no-json-schema": "400 on a response_format of json_schema, else honest",
    "no-usage": "honest, and does not say what it took",
}
