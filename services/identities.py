"""Who a credential belongs to, remembered for half a minute so that a query costs no statement more than its own.

A key that is revoked, or a role that is taken from somebody, is so at the latest when that half minute is over.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from services import claims, keys
from services.access import Identity
from services.db.connection import Database
from services.errors import Unauthenticated
from services.ports import Tokens
from services.settings import Settings

REMEMBERED: Final = timedelta(seconds=30)
MOST: Final = 2_000
"Credentials that are remembered, some 400 bytes each."
LONGEST: Final = 8_192
"Of a credential."


class Identities:
    """Those whom this process lets in. Safe for several threads."""

    def __init__(
        self, settings: Settings, database: Callable[[], Database], tokens: Callable[[], Tokens] | None = None
    ) -> None:
        self._settings = settings
        self._database = database
        self._tokens = tokens
        self._known: OrderedDict[bytes, tuple[Identity, datetime, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def remembered(self, credential: str, now: datetime) -> Identity | None:
        """Who it belongs to, where that was found out lately."""
        identity, since, until = self._known.get(_place(credential), (None, now, now))
        return identity if since <= now < until else None

    def find(self, credential: str, now: datetime) -> Identity:
        """Who it belongs to. Raises Unauthenticated, and Unavailable where it cannot be found out."""
        if len(credential) > LONGEST:
            raise Unauthenticated
        identity, until = (
            self._of_token(credential, now) if credential.count(".") == 2 else self._of_key(credential, now)
        )
        with self._lock:
            self._known[_place(credential)] = identity, now, min(until, now + REMEMBERED)
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return identity

    def of_claims(self, told: Mapping[str, object], token: str, now: datetime) -> Identity:
        """Who a token belongs to whose signature the HTTP API has checked. Raises Unauthenticated."""
        return claims.identity(claims.unflattened(told, token, self._settings), self._settings, now)[0]

    def _of_key(self, text: str, now: datetime) -> tuple[Identity, datetime]:
        found = keys.find(self._database(), text, now)
        if found is None:
            raise Unauthenticated
        return found.identity, found.expires_at or now + REMEMBERED

    def _of_token(self, token: str, now: datetime) -> tuple[Identity, datetime]:
        """On Lambda nobody is left to check it: what did not come through the authorizer is no token."""
        settings = self._settings
        if not settings.jwt_issuer or settings.on_lambda or self._tokens is None:
            raise Unauthenticated
        return claims.identity(self._tokens().claims(token), settings, now)


def _place(credential: str) -> bytes:
    """Under which it is remembered: no credential stays in memory."""
    return hashlib.sha256(credential.encode()).digest()
