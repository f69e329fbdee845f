"""JWTs verified by their issuer's keys, with joserfc. Not on Lambda: there the HTTP API's authorizer has done it.

Only asymmetric algorithms, and only one that the key itself is for: what could be signed with a public key, or not
signed at all, is refused before a key is looked for.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from joserfc import jwk, jws
from joserfc.errors import JoseError

from services.adapters.issuer_keys import IssuerKeys
from services.errors import Unauthenticated
from services.settings import Settings

KINDS: Final = {
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC", "Ed25519": "OKP",
}  # fmt: skip
"Algorithms that are taken, and what kind of key each needs."
TYPES: Final = ("jwt", "at+jwt", "application/at+jwt")
LEAST_RSA_BITS: Final = 2048


class SignedTokens:
    """The tokens of the issuer that the settings name."""

    def __init__(self, settings: Settings, keys: IssuerKeys | None = None) -> None:
        self._keys = keys or IssuerKeys(settings)
        # What else stands in a header is passed over, as RFC 7515 has it; what must not be is marked there (crit).
        self._registry = jws.JWSRegistry(algorithms=list(KINDS), strict_check_header=False)

    def claims(self, token: str) -> Mapping[str, object]:
        """What the token says. Raises Unauthenticated, and Unavailable where the issuer's keys cannot be had."""
        try:
            signed = jws.extract_compact(token.encode("ascii"), registry=self._registry)
            key = self._key(signed.headers())
            if not jws.validate_compact(signed, key, registry=self._registry):
                raise Unauthenticated
            claims = orjson.loads(signed.payload)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated from error
        if not isinstance(claims, dict):
            raise Unauthenticated
        return claims

    def _key(self, header: Mapping[str, Any]) -> Any:
        algorithm, kind = header["alg"], header.get("typ", "jwt")
        if algorithm not in KINDS or str(kind).lower() not in TYPES or "crit" in header:
            raise Unauthenticated
        found = self._keys.get(str(header.get("kid", "")))
        is_for_it = (
            found is not None
            and found["kty"] == KINDS[algorithm]
            and found.get("alg", algorithm) == algorithm
            and found.get("use", "sig") == "sig"
        )
        if not is_for_it:
            raise Unauthenticated
        key = jwk.import_key(found)
        if isinstance(key, jwk.RSAKey) and key.raw_value.key_size < LEAST_RSA_BITS:
            raise Unauthenticated
        return key
