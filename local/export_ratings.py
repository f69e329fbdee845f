"""`python -m local export-ratings`: every rated insight as a JSON line, to judge an engine by (docs/evaluation.md)."""

import sys
from collections.abc import Callable

import orjson

from local.options import Options
from local.reaching import address
from services.db.connection import Database
from services.insights import ratings


def run(chosen: Options, write: Callable[[str], object]) -> int:
    """Hand a line for each rated insight to `write`, the oldest rating first. Raises Unavailable."""
    count = 0
    with address(chosen) as url:
        database = Database(url)
        try:
            database.revision()
            for document in ratings.rated(database):
                write(orjson.dumps(document).decode() + "\n")
                count += 1
        finally:
            database.close()
    print(f"{count} rated insight{'' if count == 1 else 's'}", file=sys.stderr)
    return 0
