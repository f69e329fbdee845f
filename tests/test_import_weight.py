"""What a process has loaded, read and called before and after its first query: nothing that the query does not need."""

import json
import socket
import subprocess
import sys
from typing import Any

import pytest

from tests.api import event
from tests.scripted_aws import ScriptedAws, parameters

OURS = {"handler", "graph", "resolvers", "services"}
CHOSEN = {"strawberry", "mangum", "psycopg2", "orjson", "msgspec"}
"Among them is no opentelemetry, which TRACING=otel alone loads."
"Starlette serves the other addresses, and CORS where an origin is let in: a plain query does without it."
THEIRS = {"dateutil", "graphql", "six", "typing_extensions"}
"What the chosen ones load themselves."
WHERE_INSTALLED = {"_distutils_hack"}
"It belongs to setuptools."
FOR_OTHERS = {
    "advice", "csv_rows", "evidence", "health", "ingest", "maintenance", "mock_data", "playbook_library", "prompts",
    "recompute", "scoring", "signals",
}  # fmt: skip
"Parts of services that writes, imports and insights need."

QUERY = """
import json, sys
import handler
event = {event!r}
answers = [handler.graphql(event, None) for _ in range(2)]
assert answers[0]["statusCode"] == 200, answers
assert "errors" not in json.loads(answers[0]["body"]), answers
print(json.dumps(sorted(sys.modules)))
"""

WATCHED = """
import asyncio, dataclasses, json, logging, random, sys, tempfile, uuid  # these read clocks and entropy when loaded
import mangum, orjson, psycopg2.extras, starlette.applications, strawberry.http
touched = []

def opened(event, arguments):
    if event == "open" and not str(arguments[0]).endswith((".py", ".pyc", ".so")) or event.startswith("socket."):
        touched.append(f"{event} {arguments[0]}")

def called(frame, event, function):
    name = getattr(function, "__qualname__", "")
    ours = any(f"/{part}" in frame.f_code.co_filename for part in ("handler.py", "graph/", "resolvers/", "services/"))
    asked = name in ("time", "monotonic", "perf_counter", "urandom", "random", "getrandbits", "seed", "datetime.now",
        "datetime.utcnow", "date.today", "process_time", "time_ns", "getrandom", "localtime", "gmtime")
    if event == "c_call" and asked and (ours or "site-packages" not in frame.f_code.co_filename):
        touched.append(f"{frame.f_code.co_filename}:{frame.f_lineno} {name}")

sys.addaudithook(opened)
sys.setprofile(called)
import handler
LOAD
sys.setprofile(None)
print(json.dumps(touched))
"""


def _run(script: str, **environment: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": "", "PYTHONPATH": ".", "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def after_a_query(database_url: str) -> set[str]:
    """The modules of a process that has answered queries."""
    query = b'{"query": "{ accounts { nodes { name health { score factors { label } } } } portfolioMetrics { accountCount } uploads { nodes { errorReportUrl } } }"}'
    return set(_run(QUERY.format(event=event("POST", "/graphql", query)), DATABASE_URL=database_url, ACCESS="open"))


def test_a_query_loads_exactly_what_it_needs(after_a_query: set[str]) -> None:
    packages = {name.partition(".")[0] for name in after_a_query} - sys.stdlib_module_names - {"__main__"}

    assert packages - WHERE_INSTALLED == OURS | CHOSEN | THEIRS


def test_a_query_loads_nothing_of_ours_that_others_need(after_a_query: set[str]) -> None:
    assert {name for name in FOR_OTHERS if f"services.{name}" in after_a_query} == set()
    assert {name for name in after_a_query if name.startswith("services.adapters")} == set()


def test_an_address_that_is_kept_elsewhere_loads_no_library_of_aws(database_url: str) -> None:
    from tests.api import event

    query = QUERY.format(event=event("POST", "/graphql", b'{"query": "{ accounts { totalCount } }"}'))
    with ScriptedAws(parameters(url=database_url)) as aws:
        keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}
        loaded = set(_run(query, DATABASE_URL="ssm:/url", ACCESS="open", AWS_ENDPOINT_URL=aws.url, **keys))

    packages = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - {"__main__"}
    assert packages - WHERE_INSTALLED - OURS <= CHOSEN | THEIRS
    assert {name for name in loaded if name.startswith("services.adapters.")} == {
        "services.adapters.aws_calls", "services.adapters.secrets",
    }  # fmt: skip
    assert len(aws.asked) == 1


def test_importing_the_handlers_loads_what_reads_the_settings_and_nothing_else() -> None:
    loaded = _run("import json, sys; import handler; print(json.dumps(sorted(sys.modules)))")

    ours = {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names} - {"__main__"}
    settings = {"services", "services.settings", "services.errors", "services.vocabulary"}
    assert {name for name in ours if name.partition(".")[0] not in WHERE_INSTALLED} == {"handler"} | settings


def test_nothing_connects_before_the_first_query() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        url = f"postgresql://nobody@127.0.0.1:{listening.getsockname()[1]}/nothing"
        _run("import handler; handler.warm(); handler._http(); print(1)", DATABASE_URL=url)

        with pytest.raises(BlockingIOError):
            listening.accept()


def test_the_first_query_does_connect() -> None:
    ask = 'print(handler.graphql({**handler._NO_QUESTION, "body": \'{"query": "{ accounts { totalCount } }"}\'})["statusCode"])'
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"postgresql://nobody@127.0.0.1:{listening.getsockname()[1]}/nothing?connect_timeout=2"
        process = subprocess.Popen(
            [sys.executable, "-c", f"import handler; {ask}"],
            env={"PATH": "", "PYTHONPATH": ".", "DATABASE_URL": url, "ACCESS": "open"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        listening.settimeout(30)
        for _ in range(4):  # twice while it loads, and twice for whoever asks
            listening.accept()[0].close()
        assert process.communicate(timeout=30)[0] == b"200\n"


def test_the_first_query_connects_while_it_loads_and_later_ones_find_it_done(database_url: str) -> None:
    script = f"""
import json, threading, handler
from services.db import connection
opened, by = connection._open, []

def watched(url, until):
    by.append(threading.current_thread().name)
    return opened(url, until)

connection._open = watched
event = {event("POST", "/graphql", b'{"query": "{ accounts { totalCount } }"}')!r}
print(json.dumps([[json.loads(handler.graphql(event)["body"])["data"] for _ in range(2)], by]))
"""

    none = {"accounts": {"totalCount": 0}}
    assert _run(script, DATABASE_URL=database_url, ACCESS="open") == [[none, none], ["connecting"]]


@pytest.mark.parametrize("load", ["", "import graph.app"])
def test_importing_touches_no_file_no_clock_and_no_randomness(load: str) -> None:
    assert _run(WATCHED.replace("LOAD", load)) == []


def test_the_watch_sees_what_it_is_for() -> None:
    load = "from services import wiring, ids\nwiring.clock(); open('pyproject.toml').close(); import socket; socket.socket().close()"

    touched = _run(WATCHED.replace("LOAD", load))

    assert [line.rsplit(" ", 1)[-1] for line in touched if "wiring.py" in line] == ["datetime.now"]
    assert "open pyproject.toml" in touched
    assert any(line.startswith("socket.") for line in touched)
