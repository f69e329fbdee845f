"""A change that breaks clients is announced, or refused by the check."""

import pytest

from graph.compatibility import CHANGELOG, RELEASED, SDL, unannounced

SCHEMA = """
type Query { account(id: ID!): Account accounts(first: Int): [Account!]! }
type Account { id: ID! nps: Int }
enum Bucket { RED GREEN }
input Filter { id: ID }
"""
LOG = "# Changelog\n\n## Unreleased\n\n### Breaking\n{}\n\n### Added\n- `Query.accounts`\n\n## 1.0\n\n### Breaking\n- `Account.nps`\n"
CHANGES = {
    "a field that is gone": ("nps: Int", "", "Account.nps"),
    "a field of another type": ("nps: Int", "nps: String", "Account.nps"),
    "a field that may be null": ("id: ID! nps", "id: ID nps", "Account.id"),
    "an argument that must be given": ("first: Int", "first: Int!", "Query.accounts"),
    "a value that is gone": ("RED GREEN", "RED", "Bucket.GREEN"),
    "an input that must be given": ("input Filter { id: ID }", "input Filter { id: ID name: String! }", "Filter.name"),
    "a type that is gone": ("enum Bucket { RED GREEN }", "", "Bucket"),
}


@pytest.mark.parametrize(("before", "after", "name"), CHANGES.values(), ids=CHANGES)
def test_a_breaking_change_is_refused_until_it_is_announced(before: str, after: str, name: str) -> None:
    now = SCHEMA.replace(before, after)

    (told,) = unannounced(SCHEMA, now, LOG.format("- `Account.other` is gone."))

    assert name in told
    assert unannounced(SCHEMA, now, LOG.format(f"- `{name}` has changed.")) == []


def test_what_breaks_nobody_needs_no_word() -> None:
    now = SCHEMA.replace("nps: Int", "nps: Int csat: Int").replace("first: Int", "first: Int last: Int")

    assert unannounced(SCHEMA, now, LOG.format("")) == []


def test_the_schema_breaks_no_client_of_the_last_release_unannounced() -> None:
    released, now, log = (path.read_text(encoding="utf-8") for path in (RELEASED, SDL, CHANGELOG))

    assert unannounced(released, now, log) == []
