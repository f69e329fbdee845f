"""A function of an unzipped package by itself: `python -I -S alone.py FUNCTION FOLDER...`, the folders being its path.

A line of standard input is an event, and each is answered by a line; at the end a line tells which file every loaded
module came from. Lambda's Python runs this, so it imports nothing of ours but the function.
"""

import importlib
import inspect
import json
import os
import sys
from typing import Final

SECONDS: Final = 60


class Context:
    """What the functions ask of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        return SECONDS * 1000


def main() -> None:
    name, *folders = sys.argv[1:]
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # what is printed is no answer
        sys.path[:0] = folders
        # Unwrapped: to Lambda a failure is told without its words, here they say what is missing.
        function = inspect.unwrap(getattr(importlib.import_module("handler"), name))
        for line in sys.stdin:
            print(json.dumps(function(json.loads(line), Context())), file=answers, flush=True)
        files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
        print(json.dumps(files), file=answers)


if __name__ == "__main__":
    main()
