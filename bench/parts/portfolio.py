"""The portfolio's figures: beside PostGraphile, which adds them up each time, and with fifty times as many accounts."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Final

from bench import asking, timing
from bench.calling import caller
from bench.figures import Differs, Figure
from bench.multiplying import multiply
from bench.parts import http
from bench.peers import ours
from bench.peers.servers import served
from bench.world import World

TIMES: Final = 50
"As many accounts as in the world: 1,000,000."
MOST_ROUNDS: Final = 20
"A portfolio of a million accounts may take seconds."
LARGE_LIMIT: Final = 2.0
PEER_LIMIT: Final = 0.2


def figures(world: World, tell: Callable[[str], None], rounds: int) -> list[Figure]:
    return [_over_itself(world, tell, rounds), _over_postgraphile(world, tell, rounds)]


def _over_itself(world: World, tell: Callable[[str], None], rounds: int) -> Figure:
    body = asking.question("Q3").body
    large = world.kept(f"times_{TIMES}", TIMES, lambda url: multiply(url, TIMES, tell))
    with ExitStack() as stack:
        calling = stack.enter_context(caller())
        calls = {}
        for name, url in (("small", world.url), ("large", large)):
            application = ours.over(stack.enter_context(ours.database(url)))
            calls[name] = partial(calling.call, application, ours.PATH, body)
        counts = {name: asking.data(call(), "ours")["portfolioMetrics"]["accountCount"] for name, call in calls.items()}
        if counts["large"] != TIMES * counts["small"]:
            raise Differs(f"the portfolio of {TIMES} times {counts['small']} accounts counts {counts['large']}")
        times = timing.interleaved(calls, min(rounds, MOST_ROUNDS))
    tell(f"Q3 at {world.accounts:,} and {TIMES * world.accounts:,} accounts: {timing.in_words(times)}")
    figure = timing.ratio(times, "large", over="small")
    return Figure(f"Q3 at {TIMES * world.accounts:,} accounts, over {world.accounts:,}", figure, LARGE_LIMIT)


def _over_postgraphile(world: World, tell: Callable[[str], None], rounds: int) -> Figure:
    with ExitStack() as stack:
        servers = [stack.enter_context(served(name, world.url, tell)) for name in ("ours", "postgraphile")]
        http.compare("Q3", servers)
        times = http.latencies("Q3", servers, rounds)
    tell(f"Q3 over one connection: {timing.in_words(times)}")
    return Figure("Q3 over HTTP, over PostGraphile 5", timing.ratio(times, "ours", over="postgraphile"), PEER_LIMIT)
