"""Puts the parts together: settings, secrets, database, bucket, topic, each made once a process, when first asked for.

`forget` lets go of all of them, and the next that is asked for is made anew.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from services import logs, settings, tracing
from services.db.connection import Database
from services.ports import Announcements, Files, Queue, Secret, Tokens, Writer
from services.settings import Settings
from services.vocabulary import InsightEngine

if TYPE_CHECKING:
    from services.adapters.secrets import Secrets


@cache
def the_settings() -> Settings:
    return settings.from_environment()


def observe() -> None:
    """Make this process's log, and its spans, what the settings say."""
    known, place = the_settings(), settings.credentials_place()
    logs.configure(known.log_level)
    for given in (known.database_url, known.database_url_direct, known.openai_api_key, place.secret, place.token):
        if not settings.is_reference(given):
            logs.hide(given)
    if known.tracing:
        tracing.begin()


@cache
def database() -> Database:
    """For work that takes as long as it takes."""
    known = the_settings()
    return Database(secret(known.database_url), patience=known.database_patience)


@cache
def request_database() -> Database:
    """For what a client waits for: no statement takes longer than one may."""
    known = the_settings()
    return Database(secret(known.database_url), patience=known.database_patience, longest=known.longest_statement)


@cache
def secrets() -> "Secrets":
    from services.adapters.secrets import Secrets

    known = the_settings()
    return Secrets(known.aws_region, known.aws_endpoint_url, settings.credentials_place())


def secret(given: str) -> str | Secret:
    """What a setting says, or the secret that it refers to, to be fetched when it is first needed."""
    return secrets().at(given) if settings.is_reference(given) else given


def revealed(given: str) -> str:
    """The same, fetched now. Raises Unavailable."""
    known = secret(given)
    return known if isinstance(known, str) else known.value()


@cache
def files() -> Files:
    from services.adapters.storage import Bucket

    return Bucket(the_settings())


@cache
def announcements() -> Announcements:
    from services.adapters import announcements

    return announcements.to(the_settings())


@cache
def insight_queue() -> Queue:
    from services.adapters import insight_queue

    return insight_queue.to(the_settings())


@cache
def writers() -> Mapping[InsightEngine, Writer]:
    from services.adapters.openai_writer import OpenAIWriter
    from services.insights.rules import Rules

    key = secret(the_settings().openai_api_key)
    model = OpenAIWriter(the_settings(), None if isinstance(key, str) else key)
    return {InsightEngine.OPENAI: model, InsightEngine.RULES: Rules()}


@cache
def tokens() -> Tokens:
    from services.adapters.tokens import SignedTokens

    return SignedTokens(the_settings())


def forget() -> None:
    """Close the connection and drop every part that was made, with the settings and credentials it was made from."""
    for one in (database, request_database):
        if one.cache_info().currsize:
            one().close()
    made = (
        the_settings, secrets, database, request_database, files, announcements, insight_queue, writers, tokens,
    )  # fmt: skip
    for part in made:
        part.cache_clear()


def clock() -> datetime:
    return datetime.now(UTC)
