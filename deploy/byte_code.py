"""Whether a package's byte code is there and its sources': `python -I -S byte_code.py FOLDER`, a line for each fault.

Lambda's Python runs this, whose byte code it must be, so it imports nothing of ours.
"""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

UNCHECKED: Final = 0b01
"The flags of byte code that is valid by the hash of its source, which nobody compares."


def faults(folder: Path) -> Iterator[str]:
    for source in sorted(folder.rglob("*.py")):
        code = Path(importlib.util.cache_from_source(str(source)))
        place = source.relative_to(folder).as_posix()
        if not code.is_file():
            yield f"{place} has no byte code"
        elif fault := _fault(code, source):
            yield f"the byte code of {place} {fault}"
    for code in sorted(folder.rglob("*.pyc")):
        if code.parent.name != "__pycache__" and (fault := _fault(code, None)):
            yield f"{code.relative_to(folder).as_posix()} {fault}"


def _fault(code: Path, source: Path | None) -> str:
    head = code.read_bytes()[:16]
    if head[:4] != importlib.util.MAGIC_NUMBER:
        return "is another Python's"
    if head[4:8] != UNCHECKED.to_bytes(4, "little"):
        return "is compared with its source at each start"
    if source is not None and head[8:] != importlib.util.source_hash(source.read_bytes()):
        return "is stale: its source was changed since"
    return ""


if __name__ == "__main__":
    print("\n".join(faults(Path(sys.argv[1]))))
