"""GraphiQL's files for a page that needs no network: read from the installed package, served under /graphiql/.

Not the page: the API answers that. Not in production: there is no GraphiQL unless it is switched on.
The package holds the official builds of GraphiQL 2.4.7 and React 17, byte for byte, and has no dependencies.
"""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files

PACKAGE = "graphene-django-graphiql-static"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the explorer, ready to be sent."""

    content: bytes
    content_type: str


def assets() -> dict[str, Asset]:
    """Every script and style by its bare name, such as graphiql.min.js; empty where the package is not installed."""
    try:
        installed = files(PACKAGE) or []
    except PackageNotFoundError:
        return {}
    return {
        path.name: Asset(path.read_binary(), TYPES[path.suffix])
        for path in installed
        if "static" in path.parts and path.suffix in TYPES
    }
