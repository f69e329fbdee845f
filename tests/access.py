"""Those who ask, in tests: keys as the database holds them, and an issuer of JWTs with what it publishes."""

import base64
import json
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from joserfc import jwk, jws

from services import keys
from services.db.connection import Database
from services.vocabulary import Role
from tests.api import NOON

ISSUER: Final = "https://id.example.com/"
AUDIENCE: Final = "insights"


def a_key(
    database: Database, role: Role = Role.ADMIN, *, name: str = "test", now: datetime = NOON, days: int | None = None
) -> str:
    """The text of a new key."""
    ends = None if days is None else now + timedelta(days=days)
    with database.writing() as session:
        made = keys.create(
            session, name=name, role=role, expires_at=ends, idempotency_key=None, actor="local", now=now
        )  # fmt: skip
    assert made.text is not None
    return made.text


def bearer(credential: str) -> dict[str, str]:
    return {"authorization": f"Bearer {credential}"}


class Issuer:
    """Signs tokens and publishes keys. `fetched` are the addresses that were asked for; while `is_down` none answers."""

    def __init__(self) -> None:
        self.rsa = jwk.RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
        self.ec = jwk.ECKey.generate_key("P-256", {"kid": "ec-1"})
        self.published: list[dict[str, Any]] = [key.as_dict(private=False) for key in (self.rsa, self.ec)]
        self.fetched: list[str] = []
        self.is_down = False

    def fetch(self, address: str) -> Any:
        self.fetched.append(address)
        if self.is_down:
            raise OSError("nobody is there")
        if address.endswith("/.well-known/openid-configuration"):
            return {"issuer": ISSUER, "jwks_uri": ISSUER + "keys"}
        return {"keys": list(self.published)}

    def token(self, key: Any = None, *, header: Mapping[str, Any] | None = None, **claims: object) -> str:
        """A good token, but for the claims and parts of the header that are given; a claim of None is left out."""
        signed_by = key or self.rsa
        algorithm = "RS256" if isinstance(signed_by, jwk.RSAKey) else "ES256"
        head = {"alg": algorithm, "kid": signed_by.kid, **(header or {})}
        told = [
            {name: value for name, value in one.items() if value is not None} for one in (head, good_claims() | claims)
        ]
        text = ".".join(_base64(json.dumps(one).encode()) for one in told)
        signature = jws.JWSRegistry(algorithms=[algorithm]).get_alg(algorithm).sign(text.encode(), signed_by)
        return f"{text}.{_base64(signature)}"


def _base64(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def good_claims() -> dict[str, Any]:
    now = int(NOON.timestamp())
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": "auth0|dana", "role": "CSM", "iat": now, "exp": now + 600}


class Ticks:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = time.monotonic()

    def __call__(self) -> float:
        return self.now
