"""How each family of models wants to be asked, and what it costs. Not the asking (services.adapters.openai_writer)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from services.adapters.openai_answers import Usage
from services.prompts import Prompt

LISTED_ON: Final = date(2026, 11, 5)
"The day of OpenAI's price list (standard processing, prompts of less than 272,000 tokens) that PRICES holds."
ROOM: Final = 3_000
"Tokens of an answer: the longest that the prompt allows takes some 2,000."
ROOM_TO_THINK: Final = 10_000
"The same where the model's own thinking counts too."
REASONING: Final = re.compile(r"gpt-([5-9]|[1-9][0-9])(?!.*-chat).*|o[1-9].*")
CHAT: Final = re.compile(r"(gpt-([5-9]|[1-9][0-9]).*|chatgpt-.*)-chat-latest|chatgpt-.*")
LEAST_ROOM: Final = 1_000
"No answer fits into less."
ABOUT_ROOM: Final = ("too large", "too high", "at most", "exceeds", "less than", "maximum")
ABOUT_THE_FORMAT: Final = ("response_format", "json_schema", "json_object", "structured output")


@dataclass(frozen=True, slots=True)
class Manner:
    """The parameters that a model takes, the preferred ones first. A server that refuses one is asked without it."""

    limits: tuple[str, ...]
    "What bounds the answer is called."
    room: int
    effort: str | None = None
    temperature: float | None = None
    formats: tuple[str, ...] = ("json_schema", "json_object")

    def parameters(self, prompt: Prompt) -> dict[str, Any]:
        """What goes into a request beside the model and the messages."""
        found: dict[str, Any] = {self.limits[0]: self.room} if self.limits else {}
        if self.effort is not None:
            found["reasoning_effort"] = self.effort
        if self.temperature is not None:
            found["temperature"] = self.temperature
        if self.holds_a_schema:
            shape = {"name": "insight", "strict": True, "schema": prompt.schema}
            found["response_format"] = {"type": "json_schema", "json_schema": shape}
        elif self.formats:
            found["response_format"] = {"type": self.formats[0]}
        return found

    @property
    def holds_a_schema(self) -> bool:
        """Whether the server keeps the answer to the schema; else the prompt must spell it out."""
        return self.formats[:1] == ("json_schema",)

    def without(self, refused: str) -> "Manner | None":
        """The next manner after a refusal that says `refused`; None where it names no parameter of this one."""
        left = self
        if self.limits and self.limits[0] in refused:
            too_large = any(word in refused for word in ABOUT_ROOM) and self.room > LEAST_ROOM
            left = replace(left, room=self.room // 2) if too_large else replace(left, limits=self.limits[1:])
        if self.effort is not None and "reasoning_effort" in refused:
            left = replace(left, effort=None)
        if self.temperature is not None and "temperature" in refused:
            left = replace(left, temperature=None)
        if self.formats and any(word in refused for word in ABOUT_THE_FORMAT):
            left = replace(left, formats=self.formats[1:])
        return None if left == self else left


def manner(model: str) -> Manner:
    """How to ask `model`. One that nobody here knows is asked as most servers of the protocol understand it."""
    name = _family(model)
    if REASONING.fullmatch(name):
        # they refuse max_tokens and any temperature but their own; "low" is the one effort that all of them take
        return Manner(("max_completion_tokens",), ROOM_TO_THINK, effort="low")
    if CHAT.fullmatch(name):
        return Manner(("max_completion_tokens",), ROOM)
    return Manner(("max_tokens", "max_completion_tokens"), ROOM, temperature=0.2)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    prompt: Decimal
    cached: Decimal
    completion: Decimal
    cache_write: Decimal | None = None
    "Of the prompt's tokens, for those that are kept for later; None where that costs nothing extra."


def cost(model: str, usage: Usage) -> Decimal | None:
    """What a call cost in US dollars by the list, whoever serves the model; None where the list does not have it.

    >>> cost("gpt-5-mini-2025-08-07", Usage(prompt=1_000, completion=500, cached=200))
    Decimal('0.001205')
    """
    price = PRICES.get(_family(model))
    if price is None:
        return None
    writing = price.prompt if price.cache_write is None else price.cache_write
    dollars = (
        (usage.prompt - usage.cached - usage.cache_written) * price.prompt
        + usage.cached * price.cached
        + usage.cache_written * writing
        + usage.completion * price.completion
    ) / 1_000_000
    return dollars.normalize()


def _family(model: str) -> str:
    """The model without the prefix of a router ("openai/") and the date of a snapshot."""
    return re.sub(r"-\d{4}-\d{2}-\d{2}$", "", model.rpartition("/")[2].lower())


def _price(prompt: str, cached: str, completion: str, cache_write: str | None = None) -> Price:
    return Price(Decimal(prompt), Decimal(cached), Decimal(completion), Decimal(cache_write) if cache_write else None)


PRICES: Final[Mapping[str, Price]] = {
    "gpt-6.2-sol": _price("2.00", "0.10", "10.00", "2.50"),
    "gpt-6.1-sol": _price("2.00", "0.10", "10.00", "2.50"),
    "gpt-6.1-terra": _price("1.00", "0.05", "5.00", "1.25"),
    "gpt-6-sol": _price("2.00", "0.20", "10.00", "2.50"),
    "gpt-6-luna": _price("0.10", "0.01", "0.50", "0.125"),
    "gpt-5.6-terra": _price("2.00", "0.20", "12.00", "2.50"),
    "gpt-5.6-luna": _price("0.20", "0.02", "1.20", "0.25"),
    "gpt-5.5": _price("5.00", "0.50", "30.00"),
    "gpt-5.4": _price("2.50", "0.25", "15.00"),
    "gpt-5.4-mini": _price("0.75", "0.075", "4.50"),
    "gpt-5.4-nano": _price("0.20", "0.02", "1.25"),
    "gpt-5": _price("1.25", "0.125", "10.00"),
    "gpt-5-mini": _price("0.25", "0.025", "2.00"),
    "gpt-5-nano": _price("0.05", "0.005", "0.40"),
    "gpt-4.1": _price("2.00", "0.50", "8.00"),
    "gpt-4.1-mini": _price("0.40", "0.10", "1.60"),
    "gpt-4o": _price("2.50", "1.25", "10.00"),
    "gpt-4o-mini": _price("0.15", "0.075", "0.60"),
}
