"""What one document may ask for, refused before any work is done (graph.documents); `viewer.limits` publishes it."""

from typing import Final

MAX_DEPTH: Final = 14
MAX_TOKENS: Final = 4000
MAX_ALIASES: Final = 60
MAX_FIELDS: Final = MAX_TOKENS
"With fragments spread out, so that none lets a document ask for more than one that is written out."
