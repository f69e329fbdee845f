"""The API over HTTP beside PostGraphile 5 and Mercurius: how long an answer takes, and how many a second there are."""

import statistics
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from typing import Final

from bench import asking, timing
from bench.figures import Figure
from bench.load import Connection, load, request
from bench.peers.servers import NAMES, Server, served
from bench.world import World

PEERS: Final = {"postgraphile": "PostGraphile 5", "mercurius": "Mercurius with JIT"}
LATENCY_LIMITS: Final = {
    "Q1": {"postgraphile": 0.85, "mercurius": 1.0},
    "Q2": {"postgraphile": 0.8, "mercurius": 1.0},
}
CONNECTIONS: Final = 8
SLICE: Final = 1.5
"Seconds of load on one server before it is the next one's turn."
WARM_UP: Final = 20
"Requests to each server before its answers are timed."
IN_A_ROW: Final = 20
"Requests to one server before it is the next one's turn, as a client makes them who has several."


def figures(world: World, tell: Callable[[str], None], rounds: int) -> list[Figure]:
    found: list[Figure] = []
    with ExitStack() as stack:
        servers = [stack.enter_context(served(name, world.url, tell)) for name in NAMES]
        for name in asking.NAMES:
            compare(name, servers)
            found += _throughput(name, servers, max(3, rounds // 10), tell)  # first: it warms the servers up
            if name in LATENCY_LIMITS:
                found += _latency(name, servers, rounds, tell)
    return found


def compare(name: str, servers: list[Server]) -> None:
    """Raises Differs where the servers do not answer the question alike."""
    answers = {}
    for server in servers:
        with closing(Connection(server.port)) as connection:
            answer = connection.ask(request(server.question(name).body))
            answers[server.name] = server.shaped(name, asking.data(answer, server.name))
    for who, answer in answers.items():
        asking.same(answers["ours"], answer, who)


def latencies(name: str, servers: list[Server], rounds: int, *, in_a_row: int = IN_A_ROW) -> timing.Times:
    """Seconds that the question took each server over one connection, so many requests in a row, in turns."""
    with ExitStack() as stack:
        calls = {}
        for server in servers:
            connection = stack.enter_context(closing(Connection(server.port)))
            calls[server.name] = partial(connection.ask, request(server.question(name).body))
        return timing.interleaved(calls, rounds, in_a_row=in_a_row, warm_up=WARM_UP)


def _latency(name: str, servers: list[Server], rounds: int, tell: Callable[[str], None]) -> list[Figure]:
    times = latencies(name, servers, rounds)
    tell(f"{name} over one connection: {timing.in_words(times)}")
    alone = latencies(name, servers, rounds, in_a_row=1)
    ratios = ", ".join(f"{timing.ratio(alone, 'ours', over=peer):.2f} of {PEERS[peer]}" for peer in PEERS)
    tell(f"{name} where each server waits for the others' turns after each request: ours {ratios}")
    return [
        Figure(f"{name} over HTTP, over {PEERS[peer]}", timing.ratio(times, "ours", over=peer), limit)
        for peer, limit in LATENCY_LIMITS[name].items()
    ]


def _throughput(name: str, servers: list[Server], slices: int, tell: Callable[[str], None]) -> list[Figure]:
    rates: dict[str, list[float]] = {server.name: [] for server in servers}
    client = []
    for number in range(slices):
        turn = number % len(servers)
        for server in servers[turn:] + servers[:turn]:
            made = request(server.question(name).body)
            came = load(server.port, made, connections=CONNECTIONS, seconds=SLICE)
            rates[server.name].append(came.requests_a_second)
            client.append(came.client_cpu)
    medians = {who: statistics.median(rate) for who, rate in rates.items()}
    told = ", ".join(f"{who} {rate:.0f}" for who, rate in medians.items())
    tell(f"{name}, requests a second over {CONNECTIONS} connections: {told}; the client took "
         f"{statistics.median(client):.0%} of a core")  # fmt: skip
    return [
        Figure(f"{name} requests a second, over {PEERS[peer]}", medians["ours"] / medians[peer], 1.0, "higher")
        for peer in PEERS
    ]
