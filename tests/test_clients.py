"""schema.graphql as the tools of its clients take it: types in strict TypeScript, Relay's compiler, a linter of schemas."""

import subprocess
from pathlib import Path

import pytest

from local import node
from services.errors import Failure

HERE = Path(__file__).parent / "clients"
SDL = Path(__file__).parents[1] / "schema.graphql"


@pytest.fixture(scope="module")
def clients() -> Path:
    """The folder with the tools, which `npm ci` brings."""
    try:
        node.install(HERE, print)
    except Failure as failure:
        pytest.skip(f"the clients' tools are not there: {failure}")
    return HERE


def run(tool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [HERE / "node_modules" / ".bin" / tool, *arguments]
    return subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False, timeout=300)


def _passes(tool: str, *arguments: str | Path) -> None:
    done = run(tool, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def test_types_for_typescript_are_made_and_hold_under_strict_rules(clients: Path) -> None:
    _passes("graphql-codegen", "--config", "codegen.json")
    _passes("tsc", "-p", ".")


def test_relay_pages_through_connections_and_finds_nodes_again(clients: Path) -> None:
    (clients / "relay-made").mkdir(exist_ok=True)

    _passes("relay-compiler")

    assert (clients / "relay-made" / "pagesDaysQuery.graphql.ts").exists()


def test_the_schema_keeps_the_rules_of_a_schema(clients: Path) -> None:
    done = _linted(clients, SDL.read_text(encoding="utf-8"))

    assert done.returncode == 0, done.stdout


def test_a_schema_that_breaks_the_rules_is_told_where(clients: Path) -> None:
    bad = SDL.read_text(encoding="utf-8") + "\ntype lower_case { Field: String }\n"

    done = _linted(clients, bad)

    assert done.returncode == 1
    assert "lower_case" in done.stdout
    assert "require-description" in done.stdout


def _linted(clients: Path, text: str) -> subprocess.CompletedProcess[str]:
    """The linter looks at no file above its own folder."""
    made = clients / "src" / "made"
    made.mkdir(exist_ok=True)
    copy = made / "schema.graphql"
    copy.write_text(text, encoding="utf-8")
    return run("eslint", copy)
