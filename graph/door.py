"""Who sends a request: by the key or token in its header, or by what the HTTP API has made sure of. Not what they may.

One way is enough: `Authorization: Bearer <API key or JWT>`. A browser sends that to nobody by itself, unlike a cookie,
and no log has it, unlike an address.
"""

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from graph.parts import Parts
from services.access import LOCAL, Identity
from services.errors import Unauthenticated
from services.identities import Identities
from services.settings import LOOPBACK, is_for_loopback, is_loopback

if TYPE_CHECKING:
    from starlette.types import Scope

log = logging.getLogger(__name__)


class Door:
    """Lets in those who are known, or everybody on this machine where ACCESS is open."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._is_open = parts.settings.access == "open"
        self._identities = Identities(parts.settings, parts.database, parts.tokens)

    async def identity(self, scope: "Scope") -> Identity:
        """Who asks. Raises Unauthenticated, the same for whatever is wrong, and Unavailable."""
        if self._is_open:
            if not _is_local(scope):
                log.warning("refused: ACCESS=open answers this machine only")
                raise Unauthenticated
            return LOCAL
        now = self._parts.clock()
        checked, credential = _checked_claims(scope), _credential(scope)
        if checked is not None:
            return self._identities.of_claims(checked, credential, now)
        if not credential:
            raise Unauthenticated
        known = self._identities.remembered(credential, now)
        if known is not None:
            return known
        find = partial(self._identities.find, credential, now)
        threads = self._parts.threads
        found: Identity = await threads.run(find) if threads is not None else find()
        return found


def _credential(scope: "Scope") -> str:
    """What the one header brings; empty where there is none, more than one, or one of another kind."""
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, credential = given[0].decode("latin-1").partition(" ") if len(given) == 1 else ("", "", "")
    return credential.strip() if scheme.lower() == "bearer" else ""


def _checked_claims(scope: "Scope") -> dict[str, Any] | None:
    """The claims of the HTTP API's JWT authorizer, which stand in the event that it sends and nowhere in a request."""
    event: Any = scope.get("aws.event") or {}
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    claims: dict[str, Any] | None = (authorizer.get("jwt") or {}).get("claims")
    return claims


def _is_local(scope: "Scope") -> bool:
    """Whether both ends are this machine, and meant to be, and nobody else is spoken for.

    An event is local.gateway's, which has looked at both ends.
    """
    forwarded = [(name, value.decode("latin-1")) for name, value in scope["headers"] if name in _FORWARDED]
    if not all(name != b"forwarded" and all(map(_is_here, value.split(","))) for name, value in forwarded):
        return False
    if "aws.event" in scope:
        return True
    ends = (scope.get("client"), scope.get("server"))
    return is_for_loopback(scope["headers"]) and all(end and end[0] in LOOPBACK for end in ends)


_FORWARDED: Final = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip")
"Whom a proxy on this machine speaks for. A front end's development server sends them too, for this machine's browser."


def _is_here(end: str) -> bool:
    """Whether an address or a host with its port is this machine's, as proxies write them."""
    name = end.strip().removeprefix("::ffff:")
    return name in LOOPBACK or is_loopback(name)
