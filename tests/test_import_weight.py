"""What a process has loaded after a query: nothing that only writes or imports need."""

import json
import subprocess
import sys

HEAVY = ("pandas", "numpy", "openai", "boto3", "botocore", "sqlalchemy", "sqlmodel", "pydantic", "alembic")

QUERY = """
import json, sys
import handler
event = {event!r}
answers = [handler.graphql(event, None) for _ in range(2)]
assert answers[0]["statusCode"] == 200, answers
assert "errors" not in json.loads(answers[0]["body"]), answers
print(json.dumps(sorted(name for name in sys.modules if "." not in name)))
"""


def _loaded(script: str, environment: dict[str, str]) -> set[str]:
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_query_loads_nothing_heavy(database_url: str) -> None:
    from tests.api import event

    query = b'{"query": "{ accounts { nodes { name health { score factors { label } } } } portfolioMetrics { accountCount } uploads { nodes { errorReportUrl } } }"}'
    environment = {"DATABASE_URL": database_url, "PATH": "", "PYTHONPATH": "."}

    loaded = _loaded(QUERY.format(event=event("POST", "/graphql", query)), environment)

    assert sorted(loaded & set(HEAVY)) == []


def test_importing_the_handlers_loads_nothing_at_all() -> None:
    script = (
        "import json, sys; import handler; print(json.dumps(sorted(name for name in sys.modules if '.' not in name)))"
    )

    loaded = _loaded(script, {"PATH": "", "PYTHONPATH": "."})

    assert sorted(loaded & {*HEAVY, "strawberry", "starlette", "mangum", "psycopg2", "graphql"}) == []
