"""What our schema, validation and limits cost over one raw statement, and what N+1 costs: within one process."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from typing import Final

from bench import asking, timing
from bench.calling import Caller, caller
from bench.figures import Figure
from bench.peers import naive, ours, raw
from bench.world import World

RAW_LIMITS: Final = {"Q1": 1.5, "Q2": 3.0}
NAIVE_LIMIT: Final = 15.0


def figures(world: World, tell: Callable[[str], None], rounds: int) -> list[Figure]:
    found = []
    with ExitStack() as stack:
        calling = stack.enter_context(caller())
        for name, variants in _questions(world.url, stack, calling).items():
            expected = asking.data(variants["ours"](), "ours")
            for who, call in variants.items():
                asking.same(expected, asking.data(call(), who), who)
            times = timing.interleaved(variants, rounds)
            over_raw = timing.ratio(times, "ours", over="raw")
            tell(f"{name}: {timing.in_words(times)}; ours over raw {over_raw:.2f}")
            if name in RAW_LIMITS:
                found.append(Figure(f"{name} in process, over raw json_agg", over_raw, RAW_LIMITS[name]))
            if "naive" in variants:
                times_faster = timing.ratio(times, "naive", over="ours")
                found.append(Figure(f"{name} times as fast as N+1", times_faster, NAIVE_LIMIT, "higher"))
    return found


def _questions(url: str, stack: ExitStack, calling: Caller) -> dict[str, dict[str, Callable[[], bytes]]]:
    """For each question what answers it, by variant."""
    our_own = ours.over(stack.enter_context(ours.database(url)))
    by_hand = raw.application(stack.enter_context(closing(raw.connection(url))))
    beginner = stack.enter_context(naive.application(url))
    variants: dict[str, dict[str, Callable[[], bytes]]] = {}
    for name in asking.NAMES:
        question = asking.question(name)
        variants[name] = {
            "ours": partial(calling.call, our_own, ours.PATH, question.body),
            "raw": partial(calling.call, by_hand, f"/{name}", question.variables_body),
        }
    variants["Q2"]["naive"] = partial(calling.call, beginner, "/graphql", asking.question("Q2").body)
    return variants
