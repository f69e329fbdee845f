"""An edit and an import of the same account at the same moment: whoever comes second sees what the first has left."""

import threading
import time
from datetime import date

import pytest

from services.accounts import editing
from services.db.connection import Database
from services.settings import Settings
from tests.importing import NOON, Importer

FILE = "name,arr,segment,region,seats_purchased,observed_on\nAcme,{arr},SMB,{region},{seats},{day}\n"


@pytest.fixture
def importer(database: Database, aws_settings: Settings) -> Importer:
    importer = Importer(database, aws_settings)
    importer.load("ACCOUNTS", FILE.format(arr=1, region="EU", seats=10, day="2026-03-01"))
    return importer


def test_an_older_file_that_waited_for_an_edit_becomes_history(importer: Importer, database_url: str) -> None:
    upload_id = importer.send("ACCOUNTS", FILE.format(arr=2, region="APAC", seats=50, day="2026-03-05"))
    worker = threading.Thread(target=importer.work, args=(upload_id,))

    with Database(database_url).writing() as session:
        editing.update(
            session, "acc_1", {"region": "EMEA", "seats_purchased": 77}, expected_version=None, actor="a", now=NOON
        )
        worker.start()
        time.sleep(0.5)
    worker.join()

    assert importer.upload(upload_id)["status"] == "SUCCEEDED"
    [(observed_on, region)] = importer.database.rows("select observed_on, region from accounts")
    seats = importer.database.rows("select observed_on, seats_purchased from account_observations order by 1")
    assert (observed_on, region) == (date(2026, 3, 10), "EMEA")
    assert seats == [(date(2026, 3, 1), 10), (date(2026, 3, 5), 50), (date(2026, 3, 10), 77)]


@pytest.mark.parametrize("day", [1, 5], ids=["told before", "new"])
def test_an_arr_history_that_waited_for_an_edit_leaves_the_newest_arr(
    importer: Importer, database_url: str, day: int
) -> None:
    upload_id = importer.send("ARR_HISTORY", f"name,effective_on,arr\nAcme,2026-03-0{day},5\n")
    worker = threading.Thread(target=importer.work, args=(upload_id,))

    with Database(database_url).writing() as session:
        editing.update(session, "acc_1", {"arr": 9}, expected_version=None, actor="a", now=NOON)
        worker.start()
        time.sleep(0.5)
    worker.join()

    assert importer.upload(upload_id)["status"] == "SUCCEEDED"
    assert importer.database.read("select arr::int from accounts") == 9
    history = dict(importer.database.rows("select effective_on, arr::int from arr_history"))
    assert history == {date(2026, 3, 1): 1, date(2026, 3, day): 5, date(2026, 3, 10): 9}


def test_an_edit_that_waited_for_an_import_is_made_from_what_it_left(importer: Importer, database_url: str) -> None:
    upload_id = importer.send("ACCOUNTS", FILE.format(arr=3, region="APAC", seats=60, day="2026-03-09"))
    importer.work(upload_id)

    with importer.database.writing() as session:
        editing.update(session, "acc_1", {"seats_purchased": 61}, expected_version=2, actor="a", now=NOON)

    assert importer.database.rows("select region, version from accounts") == [("APAC", 3)]
