"""Times variants side by side, so that what disturbs the machine disturbs them all alike."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

Times = Mapping[str, Sequence[float]]
"Seconds of each call, by variant, in the order of the rounds."


def interleaved(
    variants: Mapping[str, Callable[[], object]], rounds: int, *, in_a_row: int = 1, warm_up: int = 3
) -> dict[str, list[float]]:
    """Call every variant each round, in an order that turns with each round; the seconds that each call took.

    A variant is called `in_a_row` times when it is its turn, and `warm_up` times before all, untimed.
    """
    for _ in range(warm_up):
        for call in variants.values():
            call()
    names = list(variants)
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            for _ in range(in_a_row):
                started = time.perf_counter()
                variants[name]()
                times[name].append(time.perf_counter() - started)
    return times


def median(times: Times, name: str) -> float:
    """Seconds that the middle one of the variant's calls took."""
    return statistics.median(times[name])


def ratio(times: Times, name: str, over: str) -> float:
    """How many times as long as `over` the variant takes, by their medians."""
    return median(times, name) / median(times, over)


def in_words(times: Times) -> str:
    """The medians in milliseconds, for people."""
    return ", ".join(f"{name} {median(times, name) * 1000:.2f} ms" for name in times)
