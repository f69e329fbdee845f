"""The frame of `make bench`: what it keeps, and how it calls what it times. That it is fast is no test's business."""

from pathlib import Path

import pytest

from bench import figures, parts, timing
from bench.figures import Figure


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("q", 1.5, 1.5), True),
        (Figure("q", 1.51, 1.5), False),
        (Figure("q", 15, 15, "higher"), True),
        (Figure("q", 14.9, 15, "higher"), False),
    ],
)
def test_a_figure_meets_its_limit_or_not(figure: Figure, met: bool) -> None:
    assert figure.met is met


def test_a_later_run_of_one_part_leaves_the_figures_of_the_others(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    figures.merge(file, [Figure("a", 1, 2), Figure("b", 3, 4, "higher")])

    figures.merge(file, [Figure("b", 5, 4, "higher"), Figure("c", 6, 7)])

    assert figures.read(file) == [Figure("a", 1, 2), Figure("b", 5, 4, "higher"), Figure("c", 6, 7)]


def test_each_variant_is_called_once_a_round_and_none_always_first() -> None:
    called: list[str] = []

    times = timing.interleaved({name: lambda name=name: called.append(name) for name in "abc"}, 3, warm_up=1)

    assert "".join(called) == "abc" + "abc" + "bca" + "cab"
    assert {name: len(seconds) for name, seconds in times.items()} == {"a": 3, "b": 3, "c": 3}


def test_a_variant_is_called_several_times_in_a_row_where_asked() -> None:
    called: list[str] = []

    times = timing.interleaved({name: lambda name=name: called.append(name) for name in "ab"}, 2, in_a_row=3, warm_up=0)

    assert "".join(called) == "aaabbb" + "bbbaaa"
    assert {name: len(seconds) for name, seconds in times.items()} == {"a": 6, "b": 6}


def test_a_ratio_is_of_the_medians() -> None:
    assert timing.ratio({"ours": [1.0, 9.0, 3.0], "theirs": [2.0, 1.0, 100.0]}, "ours", over="theirs") == 1.5


def test_each_part_says_figures() -> None:
    assert [name for name in parts.names() if not callable(parts.part(name).figures)] == []
