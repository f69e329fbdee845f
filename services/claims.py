"""Who a verified JWT speaks for, by its claims. Not the check of its signature: the issuer's keys are for others.

The HTTP API's authorizer hands claims over as texts: a number as its digits, a list as `[one two]`.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

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


def _role(claims: Mapping[str, object], settings: Settings) -> Role | None:
    """The highest that the claim's values mean; None where they mean none."""
    values = {*_texts(claims.get(settings.jwt_role_claim)), "*"} - {""}
    known = {role for value, role in settings.jwt_roles if value in values}
    return max(known, key=list(Role).index, default=None)


def _texts(value: object) -> set[str]:
    if isinstance(value, str):
        is_list = value.startswith("[") and value.endswith("]")
        return set(re.split(r"[\s,]+", value[1:-1].strip())) if is_list else {value}
    return {one for one in value if isinstance(one, str)} if isinstance(value, list) else set()


def _moment(value: object) -> datetime:
    """A NumericDate. Raises Unauthenticated for what is none."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unauthenticated from error
