"""The audit of the synthesised templates: nothing is found in them, and each planted mistake is, by its name."""

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.audit import rules, skips, synthesis, tools
from deploy.audit.__main__ import main
from deploy.audit.needs import NEEDS
from deploy.audit.skips import Skip
from deploy.audit.template import Template, each, text
from deploy.audit.tools import Said
from services.errors import Failure

Resources = dict[str, Any]
Mistake = Callable[[Resources], None]


@pytest.fixture(scope="module")
def synthesised() -> list[Path]:
    if not synthesis.OSLS.exists() and not os.environ.get("CI"):
        pytest.skip("osls is not here: `make node` installs it")
    return synthesis.templates(print)


@pytest.fixture
def document(synthesised: list[Path]) -> dict[str, Any]:
    """What a deploy by serverless.yml would send, to be spoilt."""
    found: dict[str, Any] = json.loads(synthesised[0].read_text())
    return found


def test_nothing_is_found_in_what_is_deployed(synthesised: list[Path]) -> None:
    for path in synthesised:
        assert [str(one) for one in rules.findings(Template(json.loads(path.read_text())))] == []


def _statement(resources: Resources, role: str, sid: str) -> dict[str, Any]:
    statements = resources[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    found: dict[str, Any] = next(one for one in statements if one.get("Sid") == sid)
    return found


def _one_less(resources: Resources) -> None:
    _statement(resources, "InsightsRole", "Messages")["Action"].remove("sqs:ChangeMessageVisibility")


def _may_all_of_s3(resources: Resources) -> None:
    _statement(resources, "GraphqlRole", "Forms")["Action"] = "s3:*"


def _of_any_bucket(resources: Resources) -> None:
    _statement(resources, "IngestRole", "Files")["Resource"] = "*"


def _reads_uploads(resources: Resources) -> None:
    _statement(resources, "GraphqlRole", "ReportLinks")["Resource"] = {"Fn::Sub": "${UploadsBucket.Arn}/*"}


def _also_deletes(resources: Resources) -> None:
    _statement(resources, "GraphqlRole", "Forms")["Action"] = ["s3:PutObject", "s3:DeleteObject"]


def _anybody_s_role(resources: Resources) -> None:
    trust = resources["MaintenanceRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    trust["Principal"] = {"AWS": "*"}


def _shared_role(resources: Resources) -> None:
    resources["InsightsLambdaFunction"]["Properties"]["Role"] = {"Fn::GetAtt": ["MaintenanceRole", "Arn"]}


def _administrator(resources: Resources) -> None:
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    resources["MaintenanceRole"]["Properties"]["ManagedPolicyArns"] = [arn]


ROLES: dict[Mistake, list[str]] = {
    _one_less: [
        "it-may-do-what-it-needs: InsightsRole.Policies: InsightsLambdaFunction may not sqs:ChangeMessageVisibility on "
        "InsightsQueue: adapters.insight_queue postpones a try",
    ],
    _may_all_of_s3: [
        "no-wildcards: GraphqlRole.Policies[0].Statement[5].Action: s3:* grants what nobody listed, and what AWS adds next year",
        "it-may-do-nothing-else: GraphqlRole.Policies[0].Statement[5].Action: s3:* on ${UploadsBucket.Arn}/uploads/* is "
        "nothing that the code of GraphqlLambdaFunction does (deploy/audit/needs.py)",
    ],
    _of_any_bucket: [
        "no-wildcards: IngestRole.Policies[0].Statement[6].Resource: * lets s3:GetObject reach every resource of the account",
        "it-may-do-nothing-else: IngestRole.Policies[0].Statement[6].Action: s3:GetObject on * is nothing that the code of "
        "IngestLambdaFunction does (deploy/audit/needs.py)",
    ],
    _reads_uploads: [
        "it-may-do-what-it-needs: GraphqlRole.Policies: GraphqlLambdaFunction may not s3:GetObject on "
        "UploadsBucket/reports/*: a signed link may do what its signer may: adapters.storage.link",
        "it-may-do-nothing-else: GraphqlRole.Policies[0].Statement[6].Action: s3:GetObject on ${UploadsBucket.Arn}/* is "
        "nothing that the code of GraphqlLambdaFunction does (deploy/audit/needs.py)",
    ],
    _also_deletes: [
        "it-may-do-nothing-else: GraphqlRole.Policies[0].Statement[5].Action: s3:DeleteObject on "
        "${UploadsBucket.Arn}/uploads/* is nothing that the code of GraphqlLambdaFunction does (deploy/audit/needs.py)",
    ],
    _anybody_s_role: [
        "only-lambda-assumes-it: MaintenanceRole.AssumeRolePolicyDocument.Statement[0]: lets * do sts:AssumeRole: only "
        "lambda.amazonaws.com may assume a function's role",
    ],
    _administrator: [
        "no-policy-of-others: MaintenanceRole.ManagedPolicyArns: arn:aws:iam::aws:policy/AdministratorAccess is not written "
        "here: AWS's policies reach every log group, queue or bucket, where MaintenanceLambdaFunction needs its own",
    ],
}  # fmt: skip


def _too_soon(resources: Resources) -> None:
    resources["IngestQueue"]["Properties"]["VisibilityTimeout"] = 300


def _no_redrive(resources: Resources) -> None:
    del resources["InsightsQueue"]["Properties"]["RedrivePolicy"]


def _one_try(resources: Resources) -> None:
    resources["InsightsQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"] = 1


def _dead_letters_of_a_day(resources: Resources) -> None:
    resources["IngestDeadLetters"]["Properties"]["MessageRetentionPeriod"] = 86400


def _all_or_nothing(resources: Resources) -> None:
    del resources["IngestEventSourceMappingSQSIngestQueue"]["Properties"]["FunctionResponseTypes"]


def _ten_at_once(resources: Resources) -> None:
    resources["IngestEventSourceMappingSQSIngestQueue"]["Properties"]["BatchSize"] = 10


def _unbounded(resources: Resources) -> None:
    del resources["InsightsEventSourceMappingSQSInsightsQueue"]["Properties"]["ScalingConfig"]


def _reserved(resources: Resources) -> None:
    resources["IngestLambdaFunction"]["Properties"]["ReservedConcurrentExecutions"] = 2


def _plain_http(resources: Resources) -> None:
    policy = resources["InsightsQueuePolicy"]["Properties"]["PolicyDocument"]
    policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != "TlsOnly"]


def _anybody_s_bucket(resources: Resources) -> None:
    policy = resources["IngestQueuePolicy"]["Properties"]["PolicyDocument"]
    del next(one for one in policy["Statement"] if one["Effect"] == "Allow")["Condition"]


QUEUES: dict[Mistake, list[str]] = {
    _too_soon: [
        "visibility-outlasts-six-timeouts: IngestQueue.VisibilityTimeout: 300 s is less than 6 x 300 s, the timeout of "
        "IngestLambdaFunction: a message comes again while it is still worked on",
    ],
    _one_try: [
        "what-fails-is-kept: InsightsQueue.RedrivePolicy.maxReceiveCount: 1 is less than 5: a short trouble of the database "
        "makes dead letters",
    ],
    _no_redrive: [
        "what-fails-is-kept: InsightsQueue.RedrivePolicy.deadLetterTargetArn: names no queue of this template: a poison "
        "message comes again until it expires, and is lost",
    ],
    _dead_letters_of_a_day: [
        "dead-letters-wait-14-days: IngestDeadLetters.MessageRetentionPeriod: 86400 s is not 1209600, 14 days: a dead "
        "letter's age counts from when it was first sent",
    ],
    _all_or_nothing: [
        "failures-are-told-one-by-one: IngestEventSourceMappingSQSIngestQueue.FunctionResponseTypes: lacks "
        "ReportBatchItemFailures: what the function names as failed is deleted from IngestQueue",
    ],
    _ten_at_once: [
        "one-message-a-call: IngestEventSourceMappingSQSIngestQueue.BatchSize: is not 1: one file or one answer of a model "
        "fills the time of IngestLambdaFunction, and a timeout would burn a try of every message of IngestQueue in the batch",
    ],
    _unbounded: [
        "concurrency-is-bounded-at-the-queue: InsightsEventSourceMappingSQSInsightsQueue.ScalingConfig.MaximumConcurrency: "
        "nothing is not from 2 to 1000: a rush on InsightsQueue would take every connection of the database",
    ],
    _reserved: [
        "concurrency-is-bounded-at-the-queue: IngestLambdaFunction.ReservedConcurrentExecutions: a poll of IngestQueue that "
        "it throttles counts as a try: bound IngestEventSourceMappingSQSIngestQueue instead",
    ],
    _plain_http: [
        "by-tls-only: InsightsQueue.AWS::SQS::QueuePolicy: denies nobody who comes without TLS (Deny sqs:* to * where "
        "aws:SecureTransport is false)",
    ],
    _anybody_s_bucket: [
        "s3-may-tell-the-queue: IngestQueuePolicy.PolicyDocument.Statement[0].Condition: names no aws:SourceArn and "
        "aws:SourceAccount: anybody's bucket may send messages",
    ],
}  # fmt: skip


def _published(resources: Resources) -> None:
    resources["UploadsBucket"]["Properties"]["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] = False


def _unencrypted(resources: Resources) -> None:
    del resources["UploadsBucket"]["Properties"]["BucketEncryption"]


def _endless_logs(resources: Resources) -> None:
    del resources["IngestLogGroup"]["Properties"]["RetentionInDays"]


def _unthrottled(resources: Resources) -> None:
    del resources["HttpApiStage"]["Properties"]["DefaultRouteSettings"]["ThrottlingRateLimit"]


def _any_caller(resources: Resources) -> None:
    del resources["HttpApiPermission"]["Properties"]["SourceArn"]


def _no_database(resources: Resources) -> None:
    del resources["MaintenanceLambdaFunction"]["Properties"]["Environment"]["Variables"]["DATABASE_URL"]


def _password(resources: Resources) -> None:
    variables = resources["IngestLambdaFunction"]["Properties"]["Environment"]["Variables"]
    variables["DATABASE_URL"] = "postgresql://me:secret@host/db"


def _dropped_events(resources: Resources) -> None:
    for name, body in list(resources.items()):
        if body["Type"] == "AWS::Lambda::EventInvokeConfig":
            del resources[name]


def _nobody_hears(resources: Resources) -> None:
    _alarm(resources, "ApproximateNumberOfMessagesVisible", "IngestDeadLetters")["Properties"]["AlarmActions"] = []


def _unwatched(resources: Resources) -> None:
    _alarm(resources, "ApproximateNumberOfMessagesVisible", "IngestDeadLetters")["Properties"]["Dimensions"] = [
        {"Name": "QueueName", "Value": "another"}
    ]


def _alarm(resources: Resources, metric: str, of: str) -> dict[str, Any]:
    template = Template({"Resources": resources})
    name = next(
        alarm.name
        for alarm in template.of("AWS::CloudWatch::Alarm")
        if alarm.properties.get("MetricName") == metric
        and any(of in text(one.get("Value")) for one in each(alarm.properties.get("Dimensions")))
    )
    found: dict[str, Any] = resources[name]
    return found


OTHERS: dict[Mistake, list[str]] = {
    _published: [
        "private: UploadsBucket.PublicAccessBlockConfiguration.BlockPublicPolicy: is not true: one policy written in haste "
        "would publish customers' files",
    ],
    _unencrypted: ["encrypted: UploadsBucket.BucketEncryption: is missing: customers' files lie in it"],
    _endless_logs: ["logs-end: IngestLogGroup.RetentionInDays: is missing: they are kept, and paid for, for ever"],
    _unthrottled: [
        "the-api-is-bounded-and-logged: HttpApiStage.DefaultRouteSettings.ThrottlingRateLimit: is missing: one client may "
        "take every container, and the account's whole concurrency",
    ],
    _any_caller: [
        "callers-are-named: HttpApiPermission.SourceArn: is missing: apigateway.amazonaws.com may call on behalf of any "
        "account",
    ],
    _no_database: [
        "it-has-its-settings: MaintenanceLambdaFunction.Environment.Variables.DATABASE_URL: is missing, and nothing works "
        "without it",
    ],
    _password: [
        "no-secret-is-written-down: IngestLambdaFunction.Environment.Variables.DATABASE_URL: is no parameter with NoEcho: "
        "its value would stand in the template and in the console",
    ],
}  # fmt: skip


def _name(value: object) -> str:
    return value.__name__.strip("_") if callable(value) else ""


@pytest.mark.parametrize(("plant", "told"), [*ROLES.items(), *QUEUES.items(), *OTHERS.items()], ids=_name)
def test_a_planted_mistake_is_told_by_name(document: dict[str, Any], plant: Mistake, told: list[str]) -> None:
    plant(document["Resources"])

    assert [str(one) for one in rules.findings(Template(document))] == told


def test_a_shared_role_is_told(document: dict[str, Any]) -> None:
    _shared_role(document["Resources"])

    assert (
        "a-role-is-one-function-s: MaintenanceLambdaFunction.Role: MaintenanceRole is the role of InsightsLambdaFunction "
        "too: each may do what the other needs"
    ) in [str(one) for one in rules.findings(Template(document))]


def test_a_schedule_s_failure_that_nobody_keeps_is_told(document: dict[str, Any]) -> None:
    _dropped_events(document["Resources"])

    told = [str(one) for one in rules.findings(Template(document)) if one.rule == "failed-events-are-kept"]
    assert told
    assert {one.partition(": an event of ")[0] for one in told} == {
        "failed-events-are-kept: MaintenanceLambdaFunction.EventInvokeConfig.DestinationConfig.OnFailure: is missing"
    }


def test_an_alarm_that_reaches_nobody_and_one_of_nothing_are_told(document: dict[str, Any]) -> None:
    silent, elsewhere = copy.deepcopy(document), document
    _nobody_hears(silent["Resources"])
    _unwatched(elsewhere["Resources"])

    assert [(one.rule, one.place) for one in rules.findings(Template(silent))] == [
        ("every-alarm-reaches-a-topic", "AlarmActions")
    ]
    assert [(one.rule, one.place) for one in rules.findings(Template(elsewhere))] == [
        ("what-can-fail-has-an-alarm", "AWS::CloudWatch::Alarm(ApproximateNumberOfMessagesVisible)"),
        ("alarms-watch-what-is-there", "Dimensions.QueueName"),
    ]


def test_a_missing_function_is_told(document: dict[str, Any]) -> None:
    document["Resources"]["IngestLambdaFunction"]["Properties"]["Handler"] = "handler.insights"

    told = [str(one) for one in rules.findings(Template(document)) if one.rule == "every-function-is-there"]
    assert told == [
        "every-function-is-there: Resources.Handler: 0 functions have the handler handler.ingest, and one must",
        "every-function-is-there: Resources.Handler: 2 functions have the handler handler.insights, and one must",
    ]


def test_the_handlers_with_needs_are_those_that_there_are() -> None:
    import handler

    assert all(callable(getattr(handler, name.removeprefix("handler."))) for name in NEEDS)


def test_a_skip_that_no_tool_asks_for_must_go() -> None:
    said = [Said("W1", "a.json", "Queue", "too short"), Said("W2", "a.json", "Queue", "too long")]
    listed = [Skip("W1", "Qu*", "it is meant"), Skip("W3", "*", "it was, once")]

    assert skips.left(said, listed) == ["a.json: W2: Queue: too long"]
    assert skips.unused(said, listed) == ["skips.py: W3 on *: no tool says it any more, so it must go"]


def test_each_skip_has_a_reason() -> None:
    assert [skip.check for skip in skips.SKIPS if len(skip.reason.split()) < 3] == []


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template with what only the tools know: an action that there is not, and an administrator."""
    statements = [
        {"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "arn:aws:s3:::one/*"},
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    ]
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "one", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
    }
    path = tmp_path_factory.mktemp("audit") / "spoilt.json"
    path.write_text(json.dumps({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}}))
    return path


@pytest.mark.skipif(
    not (tools.TOOLS / "checkov").exists() and not os.environ.get("CI"), reason="`make audit` installs the tools"
)
def test_the_tools_name_what_they_find(spoilt: Path, tmp_path: Path) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM python\nRUN sudo true\n")

    actions = [one for one in tools.cfn_lint([spoilt], ["eu-central-1"]) if one.check == "W3037"]
    wide = {one.check for one in tools.checkov([spoilt], "cloudformation") if one.resource == "Role"}

    assert [one.resource for one in actions] == [
        "Resources.Role.Properties.Policies.0.PolicyDocument.Statement.0.Action"
    ]
    assert actions[0].message.startswith("'getobjct' is not one of")
    assert wide >= {"CKV_AWS_107", "CKV_AWS_111"}
    assert {one.check for one in tools.hadolint(dockerfile)} == {"DL3006", "DL3004"}


@pytest.mark.skipif(
    not (tools.TOOLS / "checkov").exists() and not os.environ.get("CI"), reason="`make audit` installs the tools"
)
def test_the_command_fails_by_what_any_of_them_finds(
    document: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _too_soon(document["Resources"])
    document["Resources"]["IngestQueue"]["Properties"]["ReceiveMessageWaitTimeSeconds"] = 21
    template = tmp_path / "spoilt.json"
    template.write_text(json.dumps(document))

    assert main([str(template)]) == 1
    told = capsys.readouterr()
    assert f"spoilt.json: {QUEUES[_too_soon][0]}\n" in told.err
    assert "spoilt.json: E3034: Resources.IngestQueue.Properties.ReceiveMessageWaitTimeSeconds: " in told.err
    assert told.out == "audit of spoilt.json, service.yml, Dockerfile: 2 findings\n"


def test_a_tool_that_is_not_there_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tools, "TOOLS", tmp_path)

    with pytest.raises(Failure, match="`make audit` installs it"):
        tools.hadolint(tmp_path / "Dockerfile")
