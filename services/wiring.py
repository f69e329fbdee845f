"""Puts the parts together: settings, database, bucket, topic, each made once a process, when first asked for.

`forget` lets go of all of them, and the next that is asked for is made anew.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from services import settings
from services.db.connection import Database
from services.ports import Announcements, Files, Queue, Writer
from services.settings import Settings
from services.vocabulary import InsightEngine


@cache
def the_settings() -> Settings:
    return settings.from_environment()


@cache
def database() -> Database:
    return Database(the_settings().database_url)


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

    return {InsightEngine.OPENAI: OpenAIWriter(the_settings()), InsightEngine.RULES: Rules()}


def forget() -> None:
    """Close the connection and drop every part that was made, with the settings and credentials it was made from."""
    if database.cache_info().currsize:
        database().close()
    for part in (the_settings, database, files, announcements, insight_queue, writers):
        part.cache_clear()


def clock() -> datetime:
    return datetime.now(UTC)
