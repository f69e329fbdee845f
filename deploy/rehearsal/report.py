"""What a rehearsal tells: a line for each thing that was seen, and the first thing that is wrong."""

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from services.errors import Failure

T = TypeVar("T")
Say = Callable[[str], None]
Seen = Iterator[tuple[str, str]]
"What was looked at, and what was seen there."


class Wrong(Failure):
    """The deployment does not do what it must."""


def demand(met: object, message: str) -> None:
    """Raise Wrong unless it is met."""
    if not met:
        raise Wrong(message)


def tell(say: Say, title: str, story: Seen) -> int:
    """Say what the story sees, as it sees it. How many things that were. Raises Wrong with the title in front."""
    say(f"\n{title}")
    seen, began = 0, time.monotonic()
    try:
        for what, sight in story:
            now = time.monotonic()
            say(f"  {what:<58} {sight}  ({now - began:.1f} s)")
            seen, began = seen + 1, now
    except (Wrong, BotoCoreError, ClientError) as wrong:
        raise Wrong(f"{title}: {wrong}") from wrong
    return seen


def until(look: Callable[[], T | None], wanted: str, *, within: float, every: float = 0.25) -> T:
    """What `look` sees, asked again until it sees anything. Raises Wrong after `within` seconds."""
    end = time.monotonic() + within
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise Wrong(f"{wanted}: not within {within:.0f} s")
        time.sleep(every)


def short(thing: Any, most: int = 90) -> str:
    """Its text in one line, cut."""
    text = " ".join(str(thing).split())
    return text if len(text) <= most else f"{text[:most]} ..."
