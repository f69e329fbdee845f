"""A request begins nothing more with the database once its time is up; what it began is ended."""

from collections.abc import Iterator
from typing import Any

from graph.context import Context
from graph.limits import MAX_SECONDS
from graph.schema import schema
from services.access import LOCAL
from services.db.connection import Database
from services.settings import Settings
from tests.api import NOON, KeptMessages
from tests.insights import failing_account

LATE = {"code": "TOO_LONG"}
WORDS = "the time for this was up: it was stopped or not begun, and changed nothing; ask for less at once"
QUEUE = 'queueInsight(input: {accountId: "%s", reuseIfFresh: false}) { job { status } }'


class Hours:
    """A timer that says at each look what comes next."""

    def __init__(self, *times: float) -> None:
        self._times = iter(times)

    def __call__(self) -> float:
        return next(self._times)

    @property
    def left(self) -> Iterator[float]:
        return self._times


def ask(database: Database, text: str, *times: float) -> tuple[Any, list[Any], KeptMessages]:
    queue, timer = KeptMessages(), Hours(*times)
    context = Context(
        all_data=database, open_files=_never, open_queue=lambda: queue, settings=Settings(insights_queue_url="a test's"), now=NOON,
        identity=LOCAL, base_url="https://api.example.com", request_id="1", began=100.0, timer=timer,
    )  # fmt: skip
    result = schema.execute_sync(text, context_value=context)
    assert list(timer.left) == []
    return result.data, [(error.path, error.message, error.extensions) for error in result.errors or ()], queue


def _never() -> Any:
    raise AssertionError("nobody sends a file here")


def test_no_field_is_begun_with_when_the_time_is_up(database: Database, statements: list[str]) -> None:
    fields = " ".join(f'a{n}: account(by: {{id: "acc_{n}"}}) {{ id }}' for n in range(1, 5))

    data, errors, _ = ask(database, f"{{ {fields} }}", 100.0, 100.0 + MAX_SECONDS, 100.1 + MAX_SECONDS, 130.0)

    assert data == {f"a{n}": None for n in range(1, 5)}
    assert errors == [(["a3"], WORDS, LATE), (["a4"], WORDS, LATE)]
    assert len(statements) == 2


def test_a_change_that_was_not_begun_is_told_and_not_made(database: Database) -> None:
    account_id = failing_account(database)
    fields = f"first: {QUEUE % account_id} second: {QUEUE % account_id}"

    # A change asks for the data when it begins and when it reads what is told of it.
    data, errors, queue = ask(database, f"mutation {{ {fields} }}", 100.0, 100.0, 121.0)

    assert data is None
    assert errors == [(["second"], WORDS, LATE)]
    assert (database.read("select count(*) from jobs"), len(queue.sent)) == (1, 1)


def test_a_change_that_was_made_as_the_time_ran_out_is_told_as_made(database: Database) -> None:
    account_id = failing_account(database)

    data, errors, queue = ask(database, f"mutation {{ {QUEUE % account_id} }}", 100.0, 121.0)

    words = "the change was made, but cannot be shown right now: do not repeat it, look later"
    assert (data, errors) == (None, [(["queueInsight"], words, {"code": "UNAVAILABLE"})])
    assert (database.read("select count(*) from jobs"), len(queue.sent)) == (1, 1)
