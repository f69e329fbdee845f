"""GraphiQL in a real browser, from the running machine and without any other network."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import explorer
from tests import chromium
from tests.chromium import Chromium
from tests.machine import Machine

EDITOR = "document.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror"
RESULT = "document.querySelector('.result-window .CodeMirror')?.CodeMirror"
FOREIGN = """
performance.getEntriesByType('resource').map(entry => entry.name).filter(name => !name.startsWith(location.origin))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    program = chromium.program()
    if program is None:
        pytest.skip("no Chromium on this machine")
    if not explorer.assets():
        pytest.skip(f"{explorer.PACKAGE} is not installed")
    folder = tmp_path_factory.mktemp("browser")
    with Machine(folder / "machine") as machine, Chromium(program, _empty(folder / "profile")) as page:
        page.open(machine.url)
        yield page


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_graphiql_runs_a_query_and_shows_its_answer(page: Chromium) -> None:
    page.wait_for(f"!!{EDITOR}")
    page.evaluate(f"{EDITOR}.setValue('{{ __typename }}')")
    page.wait_for(f"{EDITOR}.operations?.length === 1 && !{EDITOR}.operations[0].name")  # it reads what is typed
    page.evaluate("document.querySelector('.graphiql-execute-button').click()")
    shown = page.wait_for(f"{RESULT}?.getValue()")
    assert json.loads(shown)["data"] == {"__typename": "Query"}


def test_graphiql_knows_the_schema(page: Chromium) -> None:
    page.wait_for(f"{EDITOR}?.options.lint.schema?.getQueryType().name === 'Query'")


def test_the_page_asks_nobody_but_this_machine(page: Chromium) -> None:
    page.wait_for(f"!!{EDITOR}")
    assert page.evaluate(FOREIGN) == []
