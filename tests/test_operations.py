"""The operators' guide speaks of what there is: settings, alarms, files, other chapters."""

import re
from pathlib import Path

import pytest

from deploy import cloudformation
from deploy.stage import DIRECT

ROOT = Path(__file__).parents[1]
STACK = ROOT / "deploy" / "stack"
GUIDE = (ROOT / "docs" / "operations.md").read_text()


def _chapter(title: str) -> str:
    return GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _first_cells(chapter: str) -> list[str]:
    return [
        name for row in re.findall(r"^\| (`.*?) \|", chapter, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
    ]


def test_every_setting_is_told_and_no_other() -> None:
    declared = cloudformation.read(STACK / "parameters.yml")["Parameters"]

    assert sorted(_first_cells(_chapter("Settings"))) == sorted([*declared, DIRECT])


def test_every_alarm_is_told_and_no_other() -> None:
    alarms = [
        body["Properties"]["AlarmName"]["Fn::Sub"].removeprefix("success-insights-${Stage}-")
        for body in cloudformation.read(STACK / "alarms.yml")["Resources"].values()
    ]

    assert sorted(_first_cells(_chapter("Alarms"))) == sorted(alarms)


def test_log_lines_that_it_searches_for_are_written() -> None:
    searched = set(re.findall(r'filter message = "([^"]+)"', GUIDE))
    code = "".join(
        path.read_text() for folder in ("services", "graph") for path in (ROOT / folder).rglob("*.py")
    ) + (ROOT / "handler.py").read_text()  # fmt: skip

    assert searched
    assert [line for line in searched if f'log.info("{line}"' not in code] == []


def test_words_of_logs_and_schema_in_its_table_of_symptoms_are_the_product_s() -> None:
    table = _chapter("Troubleshooting by symptom")
    code = "".join(path.read_text() for folder in ("services", "graph") for path in (ROOT / folder).rglob("*.py"))
    code += (ROOT / "handler.py").read_text()
    schema = (ROOT / "schema.graphql").read_text()
    spoken = set(re.findall(r"`([A-Z_]{5,}|[a-z]+[A-Z]\w+)`", table)) - {"CORS"}

    assert [words for words in re.findall(r'"([^"{}]+)"', table) if words not in code] == []
    assert [word for word in spoken if not re.search(rf"\b{word}\b", schema + code)] == []


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:deploy|services|docs|tests)/[\w./-]+)`", GUIDE))))
def test_files_that_it_names_are_there(path: str) -> None:
    assert (ROOT / path).exists() or path.endswith(("/prod.yml", "/STAGE.yml"))


def test_links_within_it_lead_somewhere() -> None:
    titles = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)
    }

    assert set(re.findall(r"\(#([a-z0-9-]+)\)", GUIDE)) <= titles
    assert [path for path in re.findall(r"\]\((decisions/[^)]+)\)", GUIDE) if not (ROOT / "docs" / path).exists()] == []
