"""What one request may ask for, refused before any work is done; `viewer.limits` publishes it."""

from collections.abc import Callable
from typing import Final

from strawberry.extensions import (
    MaxAliasesLimiter,
    MaxTokensLimiter,
    ParserCache,
    QueryDepthLimiter,
    SchemaExtension,
    ValidationCache,
)

MAX_DEPTH: Final = 14
MAX_TOKENS: Final = 4000
MAX_ALIASES: Final = 60
CACHED_DOCUMENTS: Final = 200

LIMITS: Final[tuple[Callable[[], SchemaExtension], ...]] = (
    lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
    lambda: QueryDepthLimiter(max_depth=MAX_DEPTH),
    lambda: MaxAliasesLimiter(max_alias_count=MAX_ALIASES),
    lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
    lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
)
