"""How much Lambda unpacks before the first answer: the API's package, built anew from what is here."""

from collections.abc import Callable
from typing import Final

from bench.figures import Figure, Missing
from bench.world import World
from local import package
from services.errors import Failure

LIMIT: Final = 45.0
"MiB."


def figures(world: World, tell: Callable[[str], None], rounds: int) -> list[Figure]:  # noqa: ARG001 - a part's signature
    try:
        built = package.build("api", into=world.folder / "packages", tell=tell)
    except Failure as failure:
        raise Missing(str(failure)) from failure
    python = ".".join(map(str, built.version))
    tell(
        f"{package.FUNCTIONS['api'].handler}: {built.zipped / package.MIB:.1f} MiB zipped, "
        f"{built.unzipped / package.MIB:.1f} MiB unzipped with Python {python}'s byte code"
    )
    return [Figure("API package unzipped, MiB", built.unzipped / package.MIB, LIMIT)]
