"""`python -m deploy.audit`: our rules and the tools over all that is deployed. Ends with 1 where something is found.

What the tools said is kept in build/audit by the checksum of all that they read and are: they are asked again where any
of it changed.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

from deploy.audit import rules, skips, synthesis, tools
from deploy.audit.template import Template
from services.errors import Failure

ROOT: Final = synthesis.ROOT
LOCK: Final = ROOT / "requirements-audit.txt"
DOCKERFILE: Final = ROOT / "Dockerfile"
FARGATE: Final = ROOT / "deploy" / "fargate" / "service.yml"
REGIONS: Final = ("eu-central-1", "us-east-1")


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        templates = asked.templates or synthesis.templates(print)
        found = audit(templates, everything=not asked.templates and len(templates) == len(synthesis.WAYS))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    for line in found:
        print(line, file=sys.stderr)
    told = f"{len(found)} findings" if found else "nothing found"
    print(f"audit of {', '.join(path.name for path in [*templates, FARGATE, DOCKERFILE])}: {told}")
    return 1 if found else 0


def audit(templates: Sequence[Path], *, everything: bool) -> list[str]:
    """What the rules find in the synthesised templates, and the tools in these and in the container's files.

    Whether these are `everything` decides whether a skip that no tool asks for is a finding.
    """
    own = [
        f"{path.name}: {finding}"
        for path in templates
        for finding in rules.findings(Template(json.loads(path.read_text())))
    ]
    return own + by_tools(templates, everything=everything)


def by_tools(templates: Sequence[Path], *, everything: bool) -> list[str]:
    """What the tools say that no skip covers. Asked once for the same files."""
    files = [*templates, FARGATE, DOCKERFILE]
    stamp = synthesis.KEPT / synthesis.checksum([*files, LOCK, *sorted(Path(__file__).parent.glob("*.py"))])
    if stamp.exists():
        return []
    asked = (
        partial(tools.checkov, [*templates, FARGATE], "cloudformation"),
        partial(tools.checkov, [DOCKERFILE], "dockerfile"),
        partial(tools.cfn_lint, [*templates, FARGATE], REGIONS),
        partial(tools.hadolint, DOCKERFILE),
    )
    with ThreadPoolExecutor() as side_by_side:
        said = list(chain.from_iterable(side_by_side.map(lambda tool: tool(), asked)))
    found = skips.left(said) + (skips.unused(said) if everything else [])
    if not found:  # a finding is told at each run until it is mended
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m deploy.audit",
        description="Check synthesised CloudFormation templates, the Fargate template and the Dockerfile by our own "
        "rules, cfn-lint, checkov and hadolint (which `make audit` installs into .audit).",
    )
    parser.add_argument(
        "templates", nargs="*", type=Path, help="synthesised, as JSON (default: made from this repository)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
