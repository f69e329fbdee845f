"""The schedules of one machine: which events are sent when, and again until their work is finished."""

from datetime import date
from typing import Any

from local import scheduler

MONDAY, TUESDAY = date(2026, 3, 9), date(2026, 3, 10)


class Maintenance:
    """A handler that keeps its events, and answers or raises for a task as it was told."""

    def __init__(self) -> None:
        self.tasks: list[str] = []
        self.answers: dict[str, Any] = {}

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        assert (context.function_name, context.get_remaining_time_in_millis() > 299_000) == ("maintenance", True)
        [task] = event.values()
        self.tasks.append(task)
        answer = self.answers.get(task, {"done": 1})
        if isinstance(answer, Exception):
            raise answer
        return answer

    def turns(self, *days: date) -> list[list[str]]:
        """The tasks of one turn after the other."""
        done: dict[str, date] = {}
        turns = []
        for day in days:
            self.tasks = []
            done = scheduler.turn(self, done, day)
            turns.append(self.tasks)
        return turns


def test_everything_comes_at_the_start_and_then_the_sweep_alone_until_the_day_changes() -> None:
    assert Maintenance().turns(MONDAY, MONDAY, MONDAY, TUESDAY, TUESDAY) == [
        ["sweep", "nightly", "prune"], ["sweep"], ["sweep"], ["sweep", "nightly", "prune"], ["sweep"],
    ]  # fmt: skip


def test_a_task_comes_again_until_it_is_finished() -> None:
    maintenance = Maintenance()
    maintenance.answers = {"nightly": {"finished": False}, "prune": {"finished": True}}

    assert maintenance.turns(MONDAY, MONDAY) == [["sweep", "nightly", "prune"], ["sweep", "nightly"]]


def test_a_task_that_fails_keeps_no_other_from_its_turn_and_comes_again() -> None:
    maintenance = Maintenance()
    maintenance.answers = {"sweep": RuntimeError("broken"), "nightly": RuntimeError("broken")}

    assert maintenance.turns(MONDAY, MONDAY) == [["sweep", "nightly", "prune"], ["sweep", "nightly"]]
