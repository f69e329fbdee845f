"""The template query tells what a file looks like, and its file is taken as it is."""

from typing import Any

import pytest

from services.db.connection import Database
from services.settings import Settings
from tests.api import Api
from tests.importing import Importer

QUERY = """query ($kind: UploadKind!) { uploadTemplate(kind: $kind) {
  kind csv columns { name aliases required type allowedValues example help } } }"""


def template(api: Api, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = api.data(QUERY, kind=kind)["uploadTemplate"]
    return found


@pytest.mark.parametrize(
    ("kind", "required"),
    [("ACCOUNTS", ["name", "arr", "segment"]), ("DAILY_METRICS", ["date"]), ("ARR_HISTORY", ["effective_on", "arr"])],
)
def test_every_column_is_told_in_the_order_of_the_file(api: Api, kind: str, required: list[str]) -> None:
    found = template(api, kind)

    assert [column["name"] for column in found["columns"]] == found["csv"].splitlines()[0].split(",")
    assert [column["name"] for column in found["columns"] if column["required"]] == required
    assert all(column["type"] and column["help"] for column in found["columns"])


def test_a_column_with_a_closed_list_tells_it(api: Api) -> None:
    columns = {column["name"]: column for column in template(api, "ACCOUNTS")["columns"]}

    assert columns["segment"]["allowedValues"] == ["SMB", "Mid-Market", "Enterprise"]
    assert columns["renewal_risk"]["allowedValues"] == ["low", "medium", "high"]
    assert columns["name"]["allowedValues"] is None


def test_the_templates_are_files_that_go_in(api: Api, database: Database, aws_settings: Settings) -> None:
    importer = Importer(database, aws_settings)
    for kind in ("ACCOUNTS", "DAILY_METRICS", "ARR_HISTORY"):
        upload = importer.load(kind, template(api, kind)["csv"])

        assert (upload["status"], upload["failed_count"]) == ("SUCCEEDED", 0), importer.errors(upload)
