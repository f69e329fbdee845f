"""Ids as clients send them, what was asked for, and refusals: every shape that is none is refused by name."""

from uuid import UUID

import pytest

from services import ids
from services.asks import Ask
from services.errors import Failure, NotFound, Rejected, Unavailable

HEX = "3f2a9c41d0b84e5f8a7b6c5d4e3f2a1b"


@pytest.mark.parametrize(
    ("node_id", "kind", "key"),
    [
        ("acc_17", ids.ACCOUNT, "17"),
        ("acc_999999999999999999", ids.ACCOUNT, "999999999999999999"),
        (f"upl_{HEX}", ids.UPLOAD, HEX),
        (f"job_{HEX}", ids.JOB, HEX),
        ("pbk_detractor-recovery", ids.PLAYBOOK, "detractor-recovery"),
        ("scd_1", ids.SCORECARD, "1"),
    ],
)
def test_an_id_splits_into_its_kind_and_its_key(node_id: str, kind: str, key: str) -> None:
    assert ids.split(node_id) == (kind, key)


NO_IDS = [
    "",
    "acc",
    "acc_",
    "acc_0",
    "acc_017",
    "acc_-1",
    "acc_1 ",
    "acc_1\n",
    "acc_١",
    "acc_1000000000000000000",
    "ACC_1",
    "17",
    "xyz_1",
    "_1",
    f"upl_{HEX[:-1]}",
    f"upl_{HEX.upper()}",
    f"upl_{UUID(HEX)}",
    "upl_17",
    "pbk_",
    "pbk_Win Back",
    f"pbk_{'a' * 65}",
]


@pytest.mark.parametrize("text", NO_IDS)
def test_a_text_that_no_id_looks_like_is_refused(text: str) -> None:
    with pytest.raises(Rejected) as refusal:
        ids.split(text)

    assert (refusal.value.code, refusal.value.path) == ("INVALID_VALUE", ("id",))
    assert refusal.value.message.endswith(" is not an id")


def test_a_refusal_shows_no_more_than_60_characters_of_the_text() -> None:
    with pytest.raises(Rejected) as refusal:
        ids.split("x" * 61)

    assert refusal.value.message == f"{'x' * 57 + '...'!r} is not an id"
    with pytest.raises(Rejected, match=f"'{'x' * 60}' is not an id"):
        ids.split("x" * 60)


def test_the_key_of_an_account_is_a_number_and_that_of_an_upload_a_uuid() -> None:
    assert ids.number("acc_17", ids.ACCOUNT) == 17
    assert ids.uuid(f"upl_{HEX}", ids.UPLOAD) == UUID(HEX)


@pytest.mark.parametrize(
    ("kind", "called"),
    [(ids.ACCOUNT, "an account"), (ids.SCORECARD, "a scorecard"), (ids.PLAYBOOK, "a playbook")],
)
def test_an_id_of_another_kind_is_refused_by_the_name_of_the_kind_that_was_meant(kind: str, called: str) -> None:
    with pytest.raises(Rejected) as refusal:
        ids.number(f"upl_{HEX}", kind, "accountId")

    assert refusal.value.message == f"'upl_{HEX}' is not the id of {called}"
    assert (refusal.value.code, refusal.value.path) == ("INVALID_VALUE", ("accountId",))


@pytest.mark.parametrize(("kind", "called"), [(ids.UPLOAD, "an upload"), (ids.JOB, "a job")])
def test_a_key_of_the_wrong_shape_is_refused_too(kind: str, called: str) -> None:
    with pytest.raises(Rejected, match=f"'{kind}_17' is not the id of {called}"):
        ids.uuid(f"{kind}_17", kind)


def test_an_ask_finds_what_is_asked_for_inside_its_sub_fields() -> None:
    name, amount, currency = Ask("name", "name"), Ask("amount", "a"), Ask("currency", "currency")
    ask = Ask("accounts", "accounts", {"first": 5}, (Ask("nodes", "nodes", asks=(name,)),
                                                    Ask("nodes", "again", asks=(amount,)),
                                                    Ask("total_arr", "total", asks=(currency,))))  # fmt: skip

    assert ask.within("nodes") == (name, amount)
    assert ask.within("nodes", "total_arr") == (name, amount, currency)
    assert ask.within("page_info") == ()
    assert (ask.named("page_info", "total_arr"), ask.named("page_info"), name.named("name")) == (True, False, False)


def test_every_failure_is_of_one_family_and_a_refusal_carries_its_code_and_path() -> None:
    assert [kind.__mro__[1] for kind in (NotFound, Rejected, Unavailable)] == [Failure] * 3

    refusal = Rejected("CONFLICT", "that name is taken", ["name"])

    assert (str(refusal), refusal.code, refusal.message, refusal.path) == (
        "that name is taken", "CONFLICT", "that name is taken", ("name",)
    )  # fmt: skip
    assert Rejected("REQUIRED", "a value is missing").path == ()
