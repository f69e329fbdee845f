"""Where the time of our answers goes, by layer: the main thread's stack, looked at every half a millisecond.

Shares, not a trace: what holds the interpreter's lock for long is seen when it lets go, in the line that held it.
"""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Final

from bench import asking
from bench.calling import caller
from bench.peers import ours
from bench.world import World

SECONDS: Final = 4.0
"For each question."
STEP: Final = 0.0005
LINES: Final = 8
"Of the innermost functions that took most."

LAYERS: Final = (
    ("the statement, in PostgreSQL and on the wire", ("/services/db/connection.py", "/services/db/prepared.py")),
    (
        "parsing and validating",
        ("/graphql/language/", "/graphql/validation/", "/graph/documents.py", "/graph/measures.py"),
    ),
    ("checking, decoding and writing the document", ("/graph/completion.py",)),
    ("writing the statement", ("/services/", "/resolvers/", "/graph/selection.py", "/graph/inputs.py")),
    (
        "executing",
        ("/graphql/", "/strawberry/schema/", "/strawberry/extensions/", "/graph/schema.py", "/graph/scalars.py"),
    ),
    ("request and answer", ("/graph/", "/strawberry/", "/starlette/")),
    ("the loop that calls it", ("/asyncio/", "/bench/")),
)
"The innermost frame that lies in one of these places decides."


def tell_all(world: World, tell: Callable[[str], None]) -> None:
    """Where the time of each question goes."""
    with ours.database(world.url) as database, caller() as calling:
        application = ours.over(database)
        for name in asking.NAMES:
            call = partial(calling.call, application, ours.PATH, asking.question(name).body)
            for _ in range(20):
                call()
            layers, lines, milliseconds = _sampled(call)
            whole = layers.total()
            tell(f"{name}: {milliseconds:.2f} ms on average, of which")
            for layer, _ in LAYERS:
                share = layers[layer] / whole
                tell(f"  {share:6.1%} {share * milliseconds:7.2f} ms  {layer}")
            for line, count in lines.most_common(LINES):
                tell(f"         {count / whole:6.1%}  {line}")


def _sampled(call: Callable[[], object]) -> tuple[Counter[str], Counter[str], float]:
    """Samples by layer and by innermost function, and the milliseconds of a call."""
    layers: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    done = threading.Event()
    watched = threading.get_ident()

    def watch() -> None:
        while not done.wait(STEP):
            frame = sys._current_frames()[watched]
            layers[_layer(frame)] += 1
            lines[f"{frame.f_code.co_filename.rpartition('/')[2]}: {frame.f_code.co_qualname}"] += 1

    thread = threading.Thread(target=watch, name="sampling")
    interval = sys.getswitchinterval()
    sys.setswitchinterval(STEP / 5)
    calls, started = 0, time.perf_counter()
    thread.start()
    try:
        while time.perf_counter() - started < SECONDS:
            call()
            calls += 1
        taken = time.perf_counter() - started
    finally:
        done.set()
        thread.join()
        sys.setswitchinterval(interval)
    return layers, lines, taken / calls * 1000


def _layer(innermost: FrameType) -> str:
    frame: FrameType | None = innermost
    while frame is not None:
        place = frame.f_code.co_filename
        for layer, places in LAYERS:
            if any(part in place for part in places):
                return layer
        frame = frame.f_back
    return LAYERS[-1][0]
