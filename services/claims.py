"""Who a verified JWT speaks for, by its claims. Not the check of its signature: the issuer's keys are for others.

The HTTP API's authorizer hands claims over as texts: a number as its digits, a list as `[one two]`.
"""

import math
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from services.access import Identity
from services.errors import Unauthenticated
from services.settings import Settings
from services.vocabulary import Role

LEEWAY: Final = timedelta(seconds=10)
"How far the issuer's clock may be off."
_SUBJECT: Final = re.compile(r"[!-~]{1,255}")


def identity(claims: Mapping[str, object], settings: Settings, now: datetime) -> tuple[Identity, datetime]:
    """Who it is, and when that is to be looked at again, which may have been. Raises Unauthenticated."""
    audiences = _texts(claims.get("aud", claims.get("client_id")))
    expires = _moment(claims.get("exp"))
    is_ours = bool(settings.jwt_issuer) and claims.get("iss") == settings.jwt_issuer
    # the leeway is added to now, and not to what a token says: its moments may be the first or the last that there are
    if not is_ours or not audiences.intersection(settings.jwt_audience) or now - LEEWAY >= expires:
        raise Unauthenticated
    if "nbf" in claims and now + LEEWAY < _moment(claims["nbf"]):
        raise Unauthenticated
    subject, role = claims.get("sub"), _role(claims, settings)
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject) or role is None:
        raise Unauthenticated
    return Identity(f"jwt:{subject}", subject, role), expires


def unflattened(told: Mapping[str, object], token: str, settings: Settings) -> dict[str, object]:
    """The authorizer's claims, with lists where the token has them, which is the one that it has checked.

    `[sales admins]` may be two groups, or one whose name has a space: only the token says which. Where that says
    something else, or cannot be read, several words are nothing.
    """
    signed = _payload(token)
    lists = {
        name: _list(text[1:-1], signed.get(name))
        for name in ("aud", settings.jwt_role_claim)
        if isinstance(text := told.get(name), str) and text.startswith("[") and text.endswith("]")
    }
    return {**told, **lists}


def _list(told: str, signed: object) -> list[str]:
    words, texts = _words(told), signed if isinstance(signed, list) else []
    if all(isinstance(text, str) for text in texts) and _words(" ".join(texts)) == words:
        return texts
    return words if len(words) == 1 else []


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", text) if word]


def _payload(token: str) -> dict[str, Any]:
    """What a token says, whoever has signed it; nothing where it is none."""
    try:
        _, part, _ = token.split(".")  # two tokens in one header have more parts
        told = orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _role(claims: Mapping[str, object], settings: Settings) -> Role | None:
    """The highest that the claim's values mean; None where they mean none."""
    values = {*_texts(claims.get(settings.jwt_role_claim)), "*"} - {""}
    known = {role for value, role in settings.jwt_roles if value in values}
    return max(known, key=list(Role).index, default=None)


def _texts(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    return {one for one in value if isinstance(one, str)} if isinstance(value, list) else set()


def _moment(value: object) -> datetime:
    """A NumericDate. Raises Unauthenticated for what is none."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unauthenticated from error
