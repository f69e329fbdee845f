"""docs/security.md answers every threat of every boundary, and names tests that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(test_\w+\.py)::(\w+)`", TEXT)))
UNHELD = "not held by a test"
BOUNDARIES = {
    "Client → HTTP API", "HTTP API → Lambda or container", "Upload form → S3 → SQS → ingest",
    "API → SQS → insights → model provider", "EventBridge → maintenance", "Lambda → Neon", "Operator → AWS", "The local run",
}  # fmt: skip


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_every_test_that_it_names_is_there(file: str) -> None:
    there = set(re.findall(r"^(?:async )?def (test_\w+)", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE))

    assert {name for of, name in NAMED if of == file} - there == set()


def test_every_boundary_is_answered_by_all_of_stride() -> None:
    [model] = re.findall(r"^## Threat model\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)
    parts = dict(re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", model, re.MULTILINE | re.DOTALL))

    assert set(parts) == BOUNDARIES
    assert {name: "".join(row[0] for row in _rows(part)) for name, part in parts.items()} == dict.fromkeys(
        BOUNDARIES, "STRIDE"
    )
    assert [row for part in parts.values() for row in _rows(part) if not _is_answered(row)] == []


@pytest.mark.parametrize(("title", "prefix"), [("OWASP API Security", "API"), ("OWASP Top 10 for LLM", "LLM0")])
def test_every_point_of_a_list_is_answered(title: str, prefix: str) -> None:
    [part] = re.findall(rf"^## {title}.*?\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)
    rows = _rows(part)

    points = [int(re.sub(r"\D", "", row[0].split()[0])) for row in rows]
    assert (points, [row for row in rows if not _is_answered(row)]) == (list(range(1, 11)), [])
    assert rows[0][0].startswith(f"{prefix}1 ")


def test_nothing_is_left_for_later() -> None:
    assert re.findall(r"TODO|TBD|FIXME|\?\?", TEXT) == []


def _rows(part: str) -> list[list[str]]:
    """The cells of the rows of its table, without the head."""
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def _is_answered(row: list[str]) -> bool:
    return all(row) and (
        row[-1] == UNHELD or bool(re.fullmatch(r"`test_\w+\.py::\w+`(, `test_\w+\.py::\w+`)*", row[-1]))
    )
