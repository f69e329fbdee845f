"""The public keys of a JWT issuer, fetched when they are first needed and kept; bounded in time, size and frequency.

Not for the keys' meaning: they are handed on as the issuer's JSON has them.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import orjson

from services.errors import Unavailable
from services.settings import Settings, is_trusted

log = logging.getLogger(__name__)

FRESH: Final = timedelta(minutes=10)
"After so long they are fetched again when next needed."
STALE: Final = timedelta(hours=1)
"So long they are used where they cannot be fetched again: a key that the issuer withdrew is of no use after that."
PAUSE: Final = timedelta(seconds=30)
"Between two tries, whatever tokens name for a key."
PATIENCE: Final = 5.0
"Seconds that a request waits for the keys, and as a rule that the issuer has for each part of an answer."
LARGEST: Final = 200_000
"Bytes of an answer."
MOST_KEYS: Final = 50

Fetch = Callable[[str], Any]


class IssuerKeys:
    """The issuer's keys by their ids. Safe for several threads: while one fetches, others wait for the first alone.

    They are read in a thread of their own: a server that sends a byte now and then can hold that one for ever, since
    http.client knows no time for a whole answer. No other is begun until it ends.
    """

    def __init__(self, settings: Settings, fetch: Fetch | None = None, clock: Callable[[], float] = time.monotonic):
        self._issuer = settings.jwt_issuer
        self._address = settings.jwt_jwks_url
        self._fetch = fetch or _fetch
        self._clock = clock
        self._keys: Mapping[str, Any] = {}
        self._fetched = self._tried = float("-inf")
        self._fetching = threading.Thread()
        self._lock = threading.Lock()

    def get(self, key_id: str) -> Any:
        """The JSON of the key of that id; None where the issuer has none. Raises Unavailable."""
        age = self._clock() - self._fetched
        if key_id not in self._keys or age > FRESH.total_seconds():
            self._refresh(must_wait=age > STALE.total_seconds())
        if self._clock() - self._fetched > STALE.total_seconds():
            raise Unavailable("the keys of the JWT issuer cannot be had")
        return self._keys.get(key_id)

    def _refresh(self, *, must_wait: bool) -> None:
        with self._lock:
            begins = not self._fetching.is_alive() and self._clock() - self._tried >= PAUSE.total_seconds()
            if begins:
                self._tried = self._clock()
                self._fetching = threading.Thread(target=self._renew, name="issuer-keys", daemon=True)
                self._fetching.start()
            fetching, left = self._fetching, self._tried + PATIENCE - self._clock()
        if (begins or must_wait) and fetching.is_alive() and left > 0:
            fetching.join(left)

    def _renew(self) -> None:
        try:
            self._keys = self._read()
            self._fetched = self._clock()
        except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError) as error:
            log.error("the keys of the JWT issuer were not read: %s", type(error).__name__)

    def _read(self) -> dict[str, Any]:
        found = self._fetch(self._address or self._discovered())["keys"][:MOST_KEYS]
        return {str(key.get("kid", "")): key for key in found}

    def _discovered(self) -> str:
        """https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig"""
        told = self._fetch(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        if told["issuer"] != self._issuer or not is_trusted(told["jwks_uri"]):
            raise ValueError("the configuration is another issuer's")
        return str(told["jwks_uri"])


class _NoRedirects(HTTPRedirectHandler):
    """What the settings name is asked, and nobody else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _fetch(address: str) -> Any:
    began = time.monotonic()
    request = Request(address, headers={"accept": "application/json"})  # noqa: S310 - services.settings let it through
    try:
        answer = build_opener(_NoRedirects).open(request, timeout=PATIENCE)
    except HTTPError as error:
        error.close()
        raise
    with answer:
        text = b""
        while part := answer.read1(65_536):
            text += part
            if len(text) > LARGEST or time.monotonic() - began > PATIENCE:
                raise ValueError("the answer is too long, or takes too long")
    return orjson.loads(text)
