"""The double of a model: it behaves as it is told to, also from outside, and reads nothing but the prompt."""

import json
import subprocess
import sys

import httpx
import pytest

from local import model_prose
from local.__main__ import main
from local.model_double import ModelDouble
from local.model_modes import MODES
from services import prompts
from services.evidence.subject import Subject
from services.evidence.verify import Verified, verify
from tests.subjects import ACCOUNT, PORTFOLIO


def _checked(subject: Subject, answer: model_prose.Answer) -> Verified:
    draft = prompts.read(json.dumps(answer), subject)
    return verify(draft, subject, playbooks=[one.playbook for one in subject.choices])


@pytest.mark.parametrize("subject", [ACCOUNT, PORTFOLIO], ids=["account", "portfolio"])
@pytest.mark.parametrize("literally", [False, True])
def test_an_honest_review_passes_the_check_whole(subject: Subject, literally: bool) -> None:
    told = model_prose.read(prompts.build(subject).user)

    checked = _checked(subject, model_prose.honest(told, literally=literally))

    assert told.foreign == ()
    assert (checked.sentences_dropped, checked.numbers_verified) == (0, checked.numbers_found)
    assert len(checked.findings) >= 2


@pytest.mark.parametrize("subject", [ACCOUNT, PORTFOLIO], ids=["account", "portfolio"])
def test_of_a_review_of_lies_only_the_honest_sentence_is_left(subject: Subject) -> None:
    told = model_prose.read(prompts.build(subject).user)

    checked = _checked(subject, model_prose.lying(told))

    honest = _checked(subject, model_prose.honest(told))
    assert checked.findings == honest.findings[:1]
    assert checked.headline == checked.summary == honest.findings[0].text
    assert checked.sentences_dropped >= 5


def test_its_mode_is_changed_while_it_runs_and_its_calls_are_told(double: ModelDouble) -> None:
    url = double.url.removesuffix("/v1")
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": prompts.build(ACCOUNT).user}]}
    headers = {"authorization": "Bearer x"}

    changed = httpx.post(f"{url}/mode", json={"mode": "broken-once", "seconds": 2})
    answers = [httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers) for _ in range(2)]

    assert changed.json() == {"mode": "broken-once", "seconds": 2}
    assert [answer.status_code for answer in answers] == [500, 200]
    assert httpx.get(f"{url}/calls").json() == {"calls": [body, body]}
    assert httpx.get(url).json()["mode"] == "honest"
    assert httpx.get(url).json()["modes"] == MODES


@pytest.mark.parametrize("body", ['{"mode": "kind"}', "[]", "honest", "{}"])
def test_a_mode_that_it_does_not_know_is_refused(double: ModelDouble, body: str) -> None:
    answer = httpx.post(double.url.removesuffix("/v1") + "/mode", content=body)

    assert (answer.status_code, double.state.mode) == (400, "honest")


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"model": "gpt-5-mini", "max_tokens": 9}, "max_tokens"),
        ({"model": "o3", "temperature": 0}, "temperature"),
        ({"response_format": {"type": "json_object"}}, "messages"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "string", "maxLength": 9}}}}, "response_format"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "object", "properties": {}}}}}, "response_format"),
        ({"messages": "hello"}, None),
    ],
)  # fmt: skip
def test_it_refuses_what_openai_refuses(double: ModelDouble, changes: dict[str, object], param: str | None) -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], **changes}

    answer = httpx.post(f"{double.url}/chat/completions", json=body, headers={"authorization": "Bearer x"})

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_without_a_key_nobody_is_served(double: ModelDouble) -> None:
    assert httpx.post(f"{double.url}/chat/completions", json={}).status_code == 401
    assert httpx.post(f"{double.url}/responses", json={}).status_code == 404
    assert httpx.get(f"{double.url}/models").status_code == 404


def test_its_command_says_where_it_listens() -> None:
    command = [sys.executable, "-m", "local", "model-double", "--port", "0", "--mode", "lying"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        mode = httpx.get(line.strip().rpartition("=")[2].removesuffix("/v1")).json()["mode"]
        process.terminate()

    assert line.startswith("a double of a model, lying: OPENAI_BASE_URL=http://127.0.0.1:")
    assert mode == "lying"


def test_a_port_that_is_taken_is_named(double: ModelDouble, capsys: pytest.CaptureFixture[str]) -> None:
    port = httpx.URL(double.url).port

    assert main(["model-double", "--port", str(port)]) == 1
    assert capsys.readouterr().err == f"port {port} cannot be listened on: Address already in use\n"
