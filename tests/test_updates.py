"""The feed of updates: in order, without loss or repeat, whatever transactions overlap."""

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from services.db.connection import Database
from tests.api import Api
from tests.worlds import account, scored

FEED = """query ($after: String, $first: Int! = 50) { updates(after: $after, first: $first) {
  cursor pollAfterMs events { id kind at subject { __typename id ... on Account { name health { bucket } } ... on Upload { fileName } } } } }"""


def poll(api: Api, after: str | None = None, first: int = 50) -> dict[str, Any]:
    feed: dict[str, Any] = api.data(FEED, after=after, first=first)["updates"]
    return feed


@pytest.fixture
def two_writers(database: Database, database_url: str) -> Iterator[list[Any]]:
    writers = [psycopg2.connect(database_url) for _ in range(2)]
    yield writers
    for writer in writers:
        writer.close()


def happen(writer: Any, subject: str) -> None:
    with writer.cursor() as cursor:
        cursor.execute("insert into events (kind, subject) values ('ACCOUNT_CHANGED', %s)", (subject,))


def test_an_event_of_a_slow_transaction_is_not_lost_behind_a_quick_one(api: Api, two_writers: list[Any]) -> None:
    slow, quick = two_writers
    happen(slow, "acc_1")
    happen(quick, "acc_2")
    quick.commit()

    early = poll(api)
    slow.commit()
    late = poll(api, early["cursor"])

    assert early["events"] == []
    assert [event["id"] for event in late["events"]] == ["evt_1", "evt_2"]
    assert poll(api, late["cursor"])["events"] == []


def test_events_come_once_each_in_pages(api: Api, database: Database) -> None:
    with database.writing() as session:
        for number in range(5):
            account(session, f"Account {number}")
        scored(session)

    seen, cursor = [], None
    while True:
        feed = poll(api, cursor, first=2)
        cursor = feed["cursor"]
        if not feed["events"]:
            break
        assert feed["pollAfterMs"] == (250 if len(feed["events"]) == 2 else 3000)
        seen += feed["events"]

    assert [event["kind"] for event in seen] == ["SIGNAL_RAISED"] * 5
    assert len({event["id"] for event in seen}) == 5
    assert seen[0]["subject"] == {
        "__typename": "Account",
        "id": "acc_1",
        "name": "Account 0",
        "health": {"bucket": "UNKNOWN"},
    }


def test_a_change_and_what_it_moved_are_told(api: Api) -> None:
    api.data("mutation { generateMockData(input: {accounts: 1, days: 30}) { seed } }")
    cursor = poll(api)["cursor"]

    api.data('mutation { updateAccount(input: {id: "acc_1", owner: "Lee"}) { account { id } } }')

    assert [(event["kind"], event["subject"]["id"]) for event in poll(api, cursor)["events"]] == [
        ("ACCOUNT_CHANGED", "acc_1")
    ]


def test_a_subject_that_is_gone_is_null(api: Api, database: Database, two_writers: list[Any]) -> None:
    happen(two_writers[0], "acc_77")
    two_writers[0].commit()

    assert [event["subject"] for event in poll(api)["events"]] == [None]


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.2.3", "-1.0", "01.1", "1.99999999999999999999"])
def test_a_malformed_cursor_is_refused(api: Api, cursor: str) -> None:
    answer = api(FEED, after=cursor)

    if cursor:
        assert answer["errors"][0]["extensions"] == {"code": "INVALID_VALUE", "argument": ["after"]}
    else:
        assert answer["data"]["updates"]["cursor"] == "0.0"


@pytest.mark.parametrize("first", [0, 101])
def test_a_page_of_no_size_is_refused(api: Api, first: int) -> None:
    assert api(FEED, first=first)["errors"][0]["extensions"]["code"] == "OUT_OF_RANGE"
