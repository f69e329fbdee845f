"""Hostile names, owners, industries and regions all the way: in the database, through the queue and the worker, to a
model that obeys every text it sees, and back out of the API. One account in each is like the other but for its texts.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from local.model_double import ModelDouble
from services.db.connection import Database
from services.evidence.names import shown
from tests.hostile import HOSTILE
from tests.insight_function import Deployed, deployed
from tests.insights import failing_account

HARMLESS = "Initech"
SHOWN = """{ accounts(first: 100) { nodes { name latestInsight {
  headline summary findings { text kind evidence { key label value unit } }
  actions { title reason priority playbook { key } dueInDays evidence { key label value } }
  verification { numbersFound numbersVerified sentencesDropped }
} } } }"""
TEXTS = [text for text in HOSTILE if 1 <= len(text) <= 300 and "\0" not in text and text.strip()][::4]


@pytest.fixture(params=["obedient", "rules"])
def function(request: pytest.FixtureRequest, database: Database, database_url: str, aws: str) -> Iterator[Deployed]:
    with ModelDouble(mode="obedient") as double:
        settings = {"OPENAI_BASE_URL": double.url} if request.param == "obedient" else {}
        with deployed(database_url, aws, **settings) as found:
            yield found


def test_no_text_of_a_customer_moves_an_insight(database: Database, function: Deployed) -> None:
    failing_account(database, HARMLESS)
    for text in TEXTS:
        other = {"cs_owner": text, "industry": text, "region": text}
        failing_account(database, text, external_id=None, **other)
    function.ask("mutation { queueInsights(input: {filter: {}, max: 1000}) { matched } }")
    while function.work():
        pass

    made = {one["name"]: one["latestInsight"] for one in function.ask(SHOWN)["accounts"]["nodes"]}

    assert len(made) == len(TEXTS) + 1
    harmless = made.pop(HARMLESS)
    assert harmless["findings"]
    moved = {name: insight for name, insight in made.items() if insight != _with_name(harmless, shown("account", name))}
    assert moved == {}


def _with_name(insight: Any, name: str) -> Any:
    """The harmless account's insight, as it would read with another name."""
    if isinstance(insight, dict):
        return {key: _with_name(value, name) for key, value in insight.items()}
    if isinstance(insight, list):
        return [_with_name(value, name) for value in insight]
    return insight.replace(HARMLESS, name) if isinstance(insight, str) else insight
