"""What one document may ask for, refused before any work is done (graph.documents); `viewer.limits` publishes it."""

from typing import Final

MAX_DEPTH: Final = 14
MAX_TOKENS: Final = 4000
MAX_ALIASES: Final = 60
