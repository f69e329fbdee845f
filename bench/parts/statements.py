"""How many SQL statements one root field takes, whatever the page: told by our own connection and by PostgreSQL's log.

This is exact: where it is not one, the part fails.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.types import ASGIApp

from bench import asking
from bench.calling import Caller, caller
from bench.figures import Differs, Figure
from bench.peers import ours
from bench.world import World, execute

PAGES: Final = (1, 50, 100)
_LOGGED: Final = re.compile(rb"LOG:  (?:statement|execute [^:]*): ")


def figures(world: World, tell: Callable[[str], None], rounds: int) -> list[Figure]:  # noqa: ARG001 - once is exact
    [(log,)] = execute(world.url, "select current_setting('data_directory') || '/log'")
    # Of this connection alone, the server writes down every statement that reaches it.
    logged = f"{world.url}{'&' if '?' in world.url else '?'}options={quote('-c log_statement=all')}"
    told: list[str] = []
    most = 0
    with ours.database(logged, told.append) as database, caller() as calling:
        application = ours.over(database)
        _count(application, calling, asking.question("Q3").body, told, Path(log))  # the connection is opened now
        for name, variables, what in _asked():
            body = replace(asking.question(name), variables=variables).body
            ours_tells, server_tells = _count(application, calling, body, told, Path(log))
            tell(f"{what}: {ours_tells} by our connection, {server_tells} by PostgreSQL's log")
            if not ours_tells == server_tells == 1:
                raise Differs(f"{what} takes {ours_tells} statements by our connection, {server_tells} by the log")
            most = max(most, ours_tells, server_tells)
    return [Figure("SQL statements a root field", most, 1)]


def _asked() -> list[tuple[str, Mapping[str, Any], str]]:
    """Question, variables, and what to call it."""
    lists = [
        (name, {**asking.question(name).variables, "first": first}, f"{name} with {first} accounts")
        for name in ("Q1", "Q2")
        for first in PAGES
    ]
    return [*lists, ("Q3", {}, "Q3")]


def _count(application: ASGIApp, calling: Caller, body: bytes, told: list[str], log: Path) -> tuple[int, int]:
    """Statements that one request took: by our connection's observer, and by the server's log."""
    told.clear()
    with log.open("rb") as lines:
        lines.seek(0, 2)
        asking.data(calling.call(application, ours.PATH, body), "ours")
        return len(told), len(_LOGGED.findall(lines.read()))
