"""What `make bench` measures, a module a part. Each answers figures by `figures(world, tell, rounds)`.

A part raises Differs where what it compares is not equal, and Missing where the machine lacks something it needs.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Final, Protocol

from bench.figures import Figure
from bench.world import World

ORDER: Final = ("statements", "in_process", "http", "portfolio", "start", "package", "importing", "scoring")
"In which they run: what is exact and quick comes first."


class Part(Protocol):
    def figures(self, world: World, tell: Callable[[str], None], rounds: int) -> list[Figure]:
        """Measure. `rounds` is how often each variant is called; a part may take fewer where a call is long."""
        ...


def names() -> list[str]:
    """The parts there are, in the order in which they run."""
    there = {module.name for module in pkgutil.iter_modules(__path__)}
    return [name for name in ORDER if name in there] + sorted(there.difference(ORDER))


def part(name: str) -> Part:
    module: Part = importlib.import_module(f"{__name__}.{name}")
    return module
