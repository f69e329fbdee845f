"""What of schema.graphql would break clients of the last release. `python -m graph.compatibility --check` tells.

docs/released.graphql is the schema as it was released last; `--release` makes today's schema that. A breaking change
must be announced: a line of CHANGELOG.md under "### Breaking" that names what it breaks, as `Account.nps`.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from graphql import build_schema, find_breaking_changes

ROOT: Final = Path(__file__).parent.parent
SDL: Final = ROOT / "schema.graphql"
RELEASED: Final = ROOT / "docs" / "released.graphql"
CHANGELOG: Final = ROOT / "CHANGELOG.md"

_NAME: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?")


def unannounced(released: str, now: str, changelog: str) -> list[str]:
    """A line for each breaking change between two schemas that the change log does not announce."""
    announced = set(re.findall(r"`([^`]+)`", _breaking(changelog)))
    changes = find_breaking_changes(build_schema(released), build_schema(now))
    return [change.description for change in changes if not announced & set(_NAME.findall(change.description))]


def _breaking(changelog: str) -> str:
    """What is told under "### Breaking" of what is not released yet."""
    unreleased = changelog.partition("\n## Unreleased")[2].partition("\n## ")[0]
    return unreleased.partition("\n### Breaking")[2].partition("\n### ")[0]


def _main(arguments: Sequence[str]) -> int:
    now = SDL.read_text(encoding="utf-8")
    if list(arguments) == ["--release"]:
        RELEASED.write_text(now, encoding="utf-8")
        return 0
    broken = unannounced(RELEASED.read_text(encoding="utf-8"), now, CHANGELOG.read_text(encoding="utf-8"))
    for line in broken:
        sys.stderr.write(f"breaks clients, and CHANGELOG.md does not say so under ### Breaking: {line}\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
