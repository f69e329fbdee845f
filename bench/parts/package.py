"""How much Lambda unpacks before the first answer: the API's package, built anew from what is here."""

from collections.abc import Callable
from typing import Final

from bench.figures import Figure, Missing
from bench.world import World
from deploy import package
from deploy.functions import MIB
from services.errors import Failure

LIMIT: Final = 45.0
"MiB."


def figures(world: World, tell: Callable[[str], None], rounds: int) -> list[Figure]:  # noqa: ARG001 - a part's signature
    try:
        built = package.build("graphql", into=world.folder / "packages", tell=tell)
    except Failure as failure:
        raise Missing(str(failure)) from failure
    tell(f"{built.archive.name}: {built.zipped / MIB:.1f} MiB zipped, {built.unzipped / MIB:.1f} MiB unzipped")
    return [Figure("API package unzipped, MiB", built.unzipped / MIB, LIMIT)]
