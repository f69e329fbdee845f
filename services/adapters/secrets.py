"""Settings that are kept elsewhere: `ssm:/path/name`, `secretsmanager:name-or-arn#json-key`. Answers ports.Secret.

No message holds a value: the reference and AWS's own word for what is wrong are all that is told.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from services import logs
from services.adapters import aws_calls
from services.adapters.aws_calls import Refused, Service, Unreachable
from services.errors import Unavailable
from services.settings import CredentialsPlace

log = logging.getLogger(__name__)

RENEWED: Final = timedelta(minutes=1)
"How often a value that somebody refuses is fetched anew, at most."
OF_SSM: Final = "ssm:"
AT_ONCE: Final = 10
"Parameters that SSM gives in one call."


class Secrets:
    """The secrets that a process needs, each fetched when first needed and kept; those of SSM in one call."""

    def __init__(
        self, region: str, endpoint: str, place: CredentialsPlace, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._region = region
        self._endpoint = endpoint
        self._place = place
        self._clock = clock
        self._needed: list[str] = []
        self._kept: dict[str, str] = {}
        self._tried: dict[str, float] = {}
        self._lock = threading.Lock()

    def at(self, reference: str) -> "Kept":
        """The secret of that reference, not fetched yet. One call will fetch it with others that are needed."""
        if reference not in self._needed:
            self._needed.append(reference)
        return Kept(self, reference)

    def value(self, reference: str, refused: str | None) -> str:
        """What ports.Secret says."""
        with self._lock:
            if reference not in self._kept:
                self._fetch(self._together(reference))
            elif self._kept[reference] == refused and self._is_due(reference):
                try:
                    self._fetch([reference])
                except Unavailable as error:
                    log.warning("a value that was refused is kept: %s", error)
            return self._kept[reference]

    def _together(self, reference: str) -> Sequence[str]:
        """What is fetched when this one is needed: with one parameter, the others that will be."""
        if not reference.startswith(OF_SSM):
            return [reference]
        others = [one for one in self._needed if one.startswith(OF_SSM) and one not in self._kept and one != reference]
        return [reference, *others][:AT_ONCE]

    def _is_due(self, reference: str) -> bool:
        return self._clock() - self._tried[reference] >= RENEWED.total_seconds()

    def _fetch(self, references: Sequence[str]) -> None:
        self._tried |= dict.fromkeys(references, self._clock())
        is_parameter = references[0].startswith(OF_SSM)
        try:
            found = self._parameters(references) if is_parameter else self._secret(references[0])
        except (Refused, Unreachable) as error:
            raise Unavailable(f"{' and '.join(references)} cannot be read: {error}") from error
        self._kept |= found
        for value in found.values():
            logs.hide(value)
        if references[0] not in found:
            raise Unavailable(f"{references[0]} cannot be read: there is none")

    def _parameters(self, references: Sequence[str]) -> dict[str, str]:
        asked = {"Names": [one.removeprefix(OF_SSM) for one in references], "WithDecryption": True}
        told = self._call("ssm", "AmazonSSM.GetParameters", asked)
        return {f"{OF_SSM}{one['Name']}": one["Value"] for one in told.get("Parameters", ())}

    def _secret(self, reference: str) -> dict[str, str]:
        name, _, key = reference.partition(":")[2].partition("#")
        told = self._call("secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": name})
        text = told.get("SecretString")
        if key:
            text = _member(text, key)
        if not isinstance(text, str):
            raise Refused(f"there is no text under {key}" if key else "it holds no text")
        return {reference: text}

    def _call(self, service: str, target: str, asked: dict[str, Any]) -> Any:
        return aws_calls.call(Service(service, self._region, self._endpoint), target, asked, self._place)


class Kept:
    """One of them."""

    def __init__(self, secrets: Secrets, reference: str) -> None:
        self._secrets = secrets
        self._reference = reference

    def value(self, *, refused: str | None = None) -> str:
        return self._secrets.value(self._reference, refused)


def _member(text: Any, key: str) -> Any:
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return None
    return found.get(key) if isinstance(found, dict) else None
