"""Who asks, and what that allows. How it is found out stands in services.identities."""

from dataclasses import dataclass
from typing import Final

from services.errors import Forbidden
from services.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who may ask."""

    actor: str
    "As changes record it: `key:<prefix>/<name>`, `jwt:<subject>` or `local`."
    name: str
    role: Role

    def require(self, role: Role) -> None:
        """Raises Forbidden for whoever may not do what `role` may."""
        if not self.role.includes(role):
            raise Forbidden


LOCAL: Final = Identity("local", "local", Role.ADMIN)
"Whoever asks where ACCESS is open."
