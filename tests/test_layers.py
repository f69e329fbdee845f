"""handler.py stands on top: nobody imports it but the local machine and the tests. The rest is import-linter's."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def _strings(path: Path) -> list[str]:
    """The texts in a module's code, without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    ]


def test_nobody_below_imports_the_handlers() -> None:
    below = [path for folder in ("graph", "resolvers", "services") for path in (ROOT / folder).rglob("*.py")]

    assert [path for path in below if "handler" in _imports(path)] == []


def test_resolvers_and_graph_hold_no_sql() -> None:
    modules = [path for folder in ("graph", "resolvers") for path in (ROOT / folder).rglob("*.py")]

    statements = re.compile(r"\b(select|insert into|update|delete from) .*\b(from|values|set|where)\b", re.IGNORECASE)
    assert [path for path in modules if any(map(statements.search, _strings(path)))] == []


def test_only_settings_reads_the_environment() -> None:
    product = [path for folder in ("graph", "resolvers", "services") for path in (ROOT / folder).rglob("*.py")]

    readers = [
        path.name for path in [*product, ROOT / "handler.py"] if "os.environ" in path.read_text(encoding="utf-8")
    ]
    assert readers == ["settings.py"]


def test_the_search_for_sql_finds_it() -> None:
    assert any("select" in text for text in _strings(ROOT / "services" / "db" / "connection.py"))
