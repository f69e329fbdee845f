"""template.yaml for AWS SAM: `python -m deploy.templates` writes it from deploy/stack, `--check` says if it is new.

serverless.yml takes the same pieces as they are. The pieces are put together as text, so that their comments stay.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
STACK: Final = ROOT / "deploy" / "stack"
TEMPLATE: Final = ROOT / "template.yaml"
PIECES: Final = (
    "parameters", "rules", "sam", "logs", "topics", "queues", "storage", "roles", "api", "release", "alarms",
    "dashboard", "outputs",
)  # fmt: skip
HEAD: Final = """\
# Made from deploy/stack by `make templates`; edit it there. The same system as serverless.yml, for AWS SAM:
#   make package
#   sam deploy --resolve-s3 --capabilities CAPABILITY_IAM --stack-name success-insights-dev \\
#     --parameter-overrides Stage=dev Release="$(date -u +%Y%m%dT%H%M%S)" \\
#       DatabaseUrl=ssm:/success-insights/dev/database-url

AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: Success Insights
"""
SECTION: Final = re.compile(r"^([A-Z]\w+):\n", re.MULTILINE)
SECTIONS: Final = ("Parameters", "Rules", "Conditions", "Globals", "Resources", "Outputs")


def template() -> str:
    """The text of template.yaml."""
    sections: dict[str, list[str]] = {name: [] for name in SECTIONS}
    for piece in PIECES:
        about, *parts = SECTION.split((STACK / f"{piece}.yml").read_text("utf-8"))
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            comment = "".join(f"  {line}\n" for line in about.splitlines() if line)
            sections[name].append(f"{comment}{body.strip(chr(10))}\n")
            about = ""
    return HEAD + "".join(f"\n{name}:\n" + "\n".join(bodies) for name, bodies in sections.items())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m deploy.templates", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 where template.yaml is not up to date")
    asked = parser.parse_args(arguments)
    text = template()
    if not asked.check:
        TEMPLATE.write_text(text, "utf-8")
        return 0
    if TEMPLATE.is_file() and TEMPLATE.read_text("utf-8") == text:
        return 0
    print("template.yaml is not what deploy/stack makes: run `make templates`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
