"""serverless.yml and template.yaml say the same, and what they say is what the functions and their operators need."""

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import handler
from deploy import cloudformation, templates
from deploy.cloudformation import Template
from local import node
from services import settings
from services.errors import Failure
from tests import stacks

DEV = {"Stage": "dev", "DatabaseUrl": "ssm:/success-insights/dev/database-url", "Release": "one"}
PROD = {**DEV, "Stage": "prod"}
EVERYTHING = {
    **PROD, "Architecture": "arm64", "OpenAiApiKey": "secretsmanager:/success-insights/prod/openai#key",
    "CorsOrigins": "https://a.example,https://b.example", "JwtIssuer": "https://id.example", "JwtAudience": "api,web",
    "DomainName": "api.example.com", "HostedZoneId": "Z1", "ProvisionedConcurrency": "3", "WarmUp": "yes",
    "AlarmEmail": "on-call@example.com", "LogRetentionDays": "365", "GraphiQL": "yes", "SecretsPath": "/elsewhere",
    "TracingLayerArn": "arn:aws:lambda:eu-central-1:1:layer:otel:1", "IngestConcurrency": "9", "Currency": "EUR",
}  # fmt: skip
SETTINGS = {
    "dev": DEV,
    "prod": PROD,
    "prod with everything": EVERYTHING,
    "a snapshot, previews, a certificate": {
        **DEV, "SnapStart": "yes", "CorsOriginPattern": "https://.*[.]example", "DomainName": "api.example.com",
        "CertificateArn": "arn:aws:acm:eu-central-1:1:certificate/1",
    },
}  # fmt: skip
NOT_GIVEN = {
    "AWS_REGION": "Lambda sets it",
    "AWS_DEFAULT_REGION": "Lambda sets it",
    "AWS_ENDPOINT_URL": "an emulator sets it",
    "DATABASE_URL_DIRECT": "for migrations, which no function runs",
    "DATABASE_CONNECTIONS": "a function answers one request at a time",
    "DATABASE_PATIENCE_SECONDS": "bound to the HTTP API's 30 seconds, which are no setting",
    "STATEMENT_SECONDS": "its usual value is meant for a function's time",
    "ACCESS": "a function lets nobody in without a key or a token",
    "JWT_JWKS_URL": "the authorizer finds the issuer's keys",
    "AWS_LAMBDA_FUNCTION_NAME": "Lambda sets it",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "Lambda sets it",
    "LOG_LEVEL": "its usual value is meant for AWS",
    "OPENAI_TIMEOUT_SECONDS": "bound to the function's time, which is no setting",
}
"Settings that no function is given, and why."
OF_THE_LAYER = {"AWS_LAMBDA_EXEC_WRAPPER", "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"}
"What ADOT's layer reads, where it is there."
READS = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}
EVERY_ROLE = {
    "logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords",
    "ssm:GetParameters", "secretsmanager:GetSecretValue", "kms:Decrypt",
}  # fmt: skip
ACTIONS = {
    "GraphqlRole": EVERY_ROLE | {"s3:PutObject", "s3:GetObject", "sqs:SendMessage"},
    "IngestRole": EVERY_ROLE
    | READS
    | {"s3:GetObject", "s3:ListBucket", "s3:PutObject", "sns:Publish", "kms:GenerateDataKey"},
    "InsightsRole": EVERY_ROLE | READS | {"sqs:SendMessage"},
    "MaintenanceRole": EVERY_ROLE | {"sqs:SendMessage"},
}


@pytest.fixture(scope="module")
def by_osls(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Template]:
    try:
        node.install(stacks.ROOT, print)
    except Failure as failure:
        pytest.skip(f"osls is not there: {failure}")
    return {stage: stacks.of_osls(stage, tmp_path_factory.mktemp(stage)) for stage in ("dev", "prod")}


@pytest.fixture(scope="module")
def sam() -> Template:
    return cloudformation.read(templates.TEMPLATE)


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")  # SAM asks boto3 for the partition


@pytest.fixture(params=SETTINGS)
def stack(request: pytest.FixtureRequest, by_osls: Mapping[str, Template]) -> dict[str, Any]:
    """The resources of a deployment."""
    return _stack(by_osls, SETTINGS[request.param])


def _stack(by_osls: Mapping[str, Template], parameters: Mapping[str, str]) -> dict[str, Any]:
    resources: dict[str, Any] = cloudformation.resolved(by_osls[parameters["Stage"]], parameters)["Resources"]
    return resources


def _of_type(stack: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, one.get("Properties", {})) for name, one in stack.items() if one["Type"] == kind)


def _compared(by_osls: Mapping[str, Template], sam: Template, parameters: Mapping[str, str]) -> list[str]:
    return stacks.differences(
        stacks.comparable(by_osls[parameters["Stage"]], parameters, stacks.OSLS_NAMES),
        stacks.comparable(stacks.of_sam(parameters, sam), parameters, stacks.SAM_NAMES),
    )


# The two say the same.


@pytest.mark.parametrize("name", SETTINGS)
def test_both_frameworks_make_the_same_system(name: str, by_osls: Mapping[str, Template], sam: Template) -> None:
    assert _compared(by_osls, sam, SETTINGS[name]) == []


def _set(value: object, *path: str | int) -> Callable[[Template], None]:
    def plant(template: Template) -> None:
        place: Any = template["Resources"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return plant


def _drop(name: str) -> Callable[[Template], None]:
    return lambda template: template["Resources"].pop(name)


PLANTED: list[tuple[Callable[[Template], None], str]] = [
    (_set(30, "GraphqlLambdaFunction", "Properties", "Timeout"), "GraphqlLambdaFunction.Properties.Timeout: serverless.yml says 29, template.yaml says 30"),
    (_set("handler.graphql", "IngestLambdaFunction", "Properties", "Handler"), 'IngestLambdaFunction.Properties.Handler: serverless.yml says "handler.ingest", template.yaml says "handler.graphql"'),
    (_set("build/graphql.zip", "IngestLambdaFunction", "Properties", "CodeUri"), 'IngestLambdaFunction.Properties.Code: serverless.yml says "ingest.zip", template.yaml says "graphql.zip"'),
    (_set("USD", "InsightsLambdaFunction", "Properties", "Environment", "Variables", "CURRENCY"), 'InsightsLambdaFunction.Properties.Environment.Variables.CURRENCY: serverless.yml says "", template.yaml says "USD"'),
    (_set("x", "IngestLambdaFunction", "Properties", "Environment", "Variables", "MORE"), 'IngestLambdaFunction.Properties.Environment.Variables.MORE: serverless.yml has none, template.yaml says "x"'),
    (_set({"Fn::GetAtt": ["GraphqlRole", "Arn"]}, "InsightsLambdaFunction", "Properties", "Role"), "InsightsLambdaFunction.Properties.Role.Fn::GetAtt[0]: "),
    (_set("sqs:*", "InsightsRole", "Properties", "Policies", 0, "PolicyDocument", "Statement", 5, "Action"), "InsightsRole.Properties.Policies[0].PolicyDocument.Statement[5].Action: "),
    (_set(60, "IngestQueue", "Properties", "VisibilityTimeout"), "IngestQueue.Properties.VisibilityTimeout: serverless.yml says 1800, template.yaml says 60"),
    (_set(1, "InsightsQueue", "Properties", "RedrivePolicy", "maxReceiveCount"), "InsightsQueue.Properties.RedrivePolicy.maxReceiveCount: serverless.yml says 5, template.yaml says 1"),
    (_set(10, "InsightsLambdaFunction", "Properties", "Events", "Messages", "Properties", "BatchSize"), "InsightsMessages.Properties.BatchSize: serverless.yml says 1, template.yaml says 10"),
    (_set([], "IngestLambdaFunction", "Properties", "Events", "Messages", "Properties", "FunctionResponseTypes"), "IngestMessages.Properties.FunctionResponseTypes: "),
    (_set("rate(1 day)", "MaintenanceLambdaFunction", "Properties", "Events", "Sweep", "Properties", "Schedule"), 'Sweep.Properties.ScheduleExpression: serverless.yml says "rate(5 minutes)", template.yaml says "rate(1 day)"'),
    (_set('{"task":"sweep"}', "MaintenanceLambdaFunction", "Properties", "Events", "Prune", "Properties", "Input"), "Prune.Properties.Targets[0].Input: "),
    (_set(0, "MaintenanceLambdaFunction", "Properties", "EventInvokeConfig", "MaximumRetryAttempts"), "MaintenanceInvocations.Properties.MaximumRetryAttempts: serverless.yml says 2, template.yaml says 0"),
    (_set("PassThrough", "GraphqlLambdaFunction", "Properties", "Tracing"), "GraphqlLambdaFunction.Properties.TracingConfig.Mode: "),
    (_set([], "GraphqlLambdaFunction", "DependsOn"), "GraphqlLambdaFunction.DependsOn"),
    (_drop("ErrorLinesAlarm"), "ErrorLinesAlarm: serverless.yml says "),
]  # fmt: skip


def test_each_difference_is_told_by_resource_and_property(by_osls: Mapping[str, Template], sam: Template) -> None:
    planted = copy.deepcopy(sam)
    for plant, _ in PLANTED:
        plant(planted)

    told = _compared(by_osls, planted, DEV)

    expected = sorted(line for _, line in PLANTED)
    assert [line[: len(start)] for line, start in zip(sorted(told), expected, strict=True)] == expected


def test_the_frameworks_own_names_are_there(by_osls: Mapping[str, Template], sam: Template) -> None:
    made = by_osls["dev"]
    assert {*stacks.OSLS_NAMES, *stacks.OSLS_ALONE} <= {*made["Resources"], *made["Outputs"]}
    assert set(stacks.SAM_NAMES) <= set(stacks.of_sam(DEV, sam)["Resources"])


def test_settings_have_the_same_usual_values(by_osls: Mapping[str, Template], sam: Template) -> None:
    own = {"Stage", "DatabaseUrl", "Release"}  # said by osls's command line, by nobody, and by osls
    for stage, template in by_osls.items():
        assert template["Parameters"]["Stage"]["Default"] == stage
        assert template["Parameters"]["DatabaseUrl"]["Default"] == "ssm:/a/b"
        assert re.fullmatch(
            sam["Parameters"]["Release"]["AllowedPattern"], template["Parameters"]["Release"]["Default"]
        )
        usual = {name: about for name, about in template["Parameters"].items() if name not in own}
        assert usual == {name: about for name, about in sam["Parameters"].items() if name not in own}


def test_template_yaml_is_what_the_pieces_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert templates.main(["--check"]) == 0

    stale = tmp_path / "template.yaml"
    stale.write_text(templates.template() + "# by hand\n")
    monkeypatch.setattr(templates, "TEMPLATE", stale)

    assert templates.main(["--check"]) == 1
    assert "make templates" in capsys.readouterr().err
    templates.main([])
    assert templates.main(["--check"]) == 0


def test_no_piece_is_left_out() -> None:
    pieces = {path.stem for path in templates.STACK.glob("*.yml")}
    included = set(re.findall(r"\$\{file\(deploy/stack/(\w+)\.yml\)\}", (stacks.ROOT / "serverless.yml").read_text()))
    assert pieces == set(templates.PIECES)
    assert pieces - included == {"rules", "sam"}  # osls takes no rules and has functions of its own


def test_the_lock_names_no_registry() -> None:
    packages = json.loads((stacks.ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, about in packages.items() if "resolved" in about] == []


# What the functions are.


def test_functions_run_on_what_they_are_packaged_for(stack: dict[str, Any]) -> None:
    functions = dict(_of_type(stack, "AWS::Lambda::Function"))
    facts = {
        one["Handler"]: (one["Timeout"], one["MemorySize"], one["Runtime"], one["TracingConfig"]["Mode"])
        for one in functions.values()
    }
    assert facts == {
        "handler.graphql": (29, 1024, "python3.13", "Active"),
        "handler.ingest": (300, 1024, "python3.13", "Active"),
        "handler.insights": (60, 512, "python3.13", "Active"),
        "handler.maintenance": (300, 512, "python3.13", "Active"),
    }
    for one in functions.values():
        name = one["Handler"].removeprefix("handler.")
        assert callable(getattr(handler, name))
        assert one["Code"]["S3Key"].endswith(f"/{name}.zip")


def test_each_function_has_a_role_a_log_and_alarms_of_its_own(stack: dict[str, Any]) -> None:
    groups = {one["LogGroupName"]: one["RetentionInDays"] for _, one in _of_type(stack, "AWS::Logs::LogGroup")}
    roles = []
    for name, one in _of_type(stack, "AWS::Lambda::Function"):
        roles.append(one["Role"]["Fn::GetAtt"][0])
        assert int(groups[f"/aws/lambda/{one['FunctionName']}"]) > 0
        watched = {
            alarm["MetricName"]
            for _, alarm in _of_type(stack, "AWS::CloudWatch::Alarm")
            if {"Name": "FunctionName", "Value": {"Ref": name}} in alarm.get("Dimensions", [])
        }
        silence = {"Invocations"} if one["Handler"] == "handler.maintenance" else set()
        assert watched == {"Errors", "Throttles"} | silence
    assert sorted(roles) == sorted(ACTIONS)


def test_a_role_allows_what_its_function_calls_and_nothing_else(stack: dict[str, Any]) -> None:
    allowed = {}
    for name, role in _of_type(stack, "AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role
        statements = [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]
        allowed[name] = {action for one in statements for action in _listed(one["Action"])}
        everywhere = {action for one in statements if one["Resource"] == "*" for action in _listed(one["Action"])}
        assert everywhere == {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}
        for one in statements:
            if "kms:Decrypt" in _listed(one["Action"]):
                assert list(one["Condition"]["StringEquals"]) == ["kms:ViaService"]
    assert allowed == ACTIONS


def test_secrets_are_read_below_one_path(by_osls: Mapping[str, Template]) -> None:
    for parameters, path in ((DEV, "/success-insights/dev"), (EVERYTHING, "/elsewhere")):
        for _, role in _of_type(_stack(by_osls, parameters), "AWS::IAM::Role"):
            by_name = {one["Sid"]: one for one in role["Policies"][0]["PolicyDocument"]["Statement"]}
            assert by_name["Parameters"]["Resource"]["Fn::Sub"].endswith(f":parameter{path}/*")
            assert by_name["Secrets"]["Resource"]["Fn::Sub"].endswith(f":secret:{path}/*")


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_functions_are_given_settings_that_there_are(stack: dict[str, Any]) -> None:
    read = set(re.findall(r'\benv(?:\.get\(|, )"([A-Z_]+)"', Path(settings.__file__).read_text()))
    read = {name for name in read if not name.startswith(("AWS_ACCESS", "AWS_SECRET", "AWS_SESSION", "AWS_CONTAINER"))}
    given: set[str] = set()
    for _, one in _of_type(stack, "AWS::Lambda::Function"):
        variables = one["Environment"]["Variables"]
        given |= set(variables)
        told = {name: value if isinstance(value, str) else "a-resource" for name, value in variables.items()}
        assert settings.from_environment(told).database_url == DEV["DatabaseUrl"]
        assert OF_THE_LAYER & set(variables) == (OF_THE_LAYER if variables["TRACING"] else set())
    assert given - read - OF_THE_LAYER == set(), "services/settings.py does not read these"
    assert read - given - {"_HANDLER"} == set(NOT_GIVEN), "a setting is given to a function, or NOT_GIVEN says why not"


# What keeps a message.


def test_a_queue_waits_long_enough_and_gives_up_into_dead_letters(stack: dict[str, Any]) -> None:
    queues, functions = dict(_of_type(stack, "AWS::SQS::Queue")), dict(_of_type(stack, "AWS::Lambda::Function"))
    read = {}
    for _, source in _of_type(stack, "AWS::Lambda::EventSourceMapping"):
        function, queue = (source[key]["Fn::GetAtt"][0] for key in ("FunctionName", "EventSourceArn"))
        read[queue] = function
        assert queues[queue]["VisibilityTimeout"] >= 6 * functions[function]["Timeout"]
        assert queues[queue]["RedrivePolicy"]["maxReceiveCount"] == 5
        dead = queues[queue]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert queues[dead]["RedriveAllowPolicy"]["redrivePermission"] == "byQueue"
        (allowed,) = queues[dead]["RedriveAllowPolicy"]["sourceQueueArns"]
        assert allowed["Fn::Sub"].endswith(f":{queues[queue]['QueueName']}")
        assert source["BatchSize"] == 1
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert int(source["ScalingConfig"]["MaximumConcurrency"]) >= 2
    assert read == {"IngestQueue": "IngestLambdaFunction", "InsightsQueue": "InsightsLambdaFunction"}
    assert set(queues) == {*read, "IngestDeadLetters", "InsightsDeadLetters", "MaintenanceDeadLetters"}
    # a dead letter's days count from when it was first sent: a queue must not have kept it for most of them
    days = {name: queue["MessageRetentionPeriod"] / (24 * 60 * 60) for name, queue in queues.items()}
    assert days == {name: 4 if name in read else 14 for name in queues}
    assert {queue["SqsManagedSseEnabled"] for queue in queues.values()} == {True}


def test_a_task_that_fails_goes_to_dead_letters_too(stack: dict[str, Any]) -> None:
    ((_, invocations),) = _of_type(stack, "AWS::Lambda::EventInvokeConfig")
    assert invocations["FunctionName"] == {"Ref": "MaintenanceLambdaFunction"}
    assert invocations["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0] == "MaintenanceDeadLetters"
    tasks = {
        json.loads(target["Input"])["task"]: rule["ScheduleExpression"]
        for _, rule in _of_type(stack, "AWS::Events::Rule")
        for target in rule["Targets"]
        if target["Arn"] == {"Fn::GetAtt": ["MaintenanceLambdaFunction", "Arn"]}
    }
    assert tasks == {"sweep": "rate(5 minutes)", "nightly": "cron(0/15 1 * * ? *)", "prune": "cron(30 2 * * ? *)"}


def test_everything_is_reached_by_tls_alone(stack: dict[str, Any]) -> None:
    laid_on: set[str] = set()
    for kind, on in (
        ("AWS::S3::BucketPolicy", "Bucket"), ("AWS::SQS::QueuePolicy", "Queues"), ("AWS::SNS::TopicPolicy", "Topics"),
    ):  # fmt: skip
        for _, policy in _of_type(stack, kind):
            (denied,) = (one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Deny")
            assert denied["Principal"] == "*"
            assert str(denied["Condition"]["Bool"]["aws:SecureTransport"]).lower() == "false"
            places = policy[on] if isinstance(policy[on], list) else [policy[on]]
            laid_on |= {place["Ref"] for place in places}
    kinds = ("AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic")
    assert laid_on == {name for name, one in stack.items() if one["Type"] in kinds}


# The bucket.


def test_the_bucket_is_private_and_lets_files_go(stack: dict[str, Any]) -> None:
    bucket = stack["UploadsBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    is_prod = "-prod-" in bucket["BucketName"]["Fn::Sub"]
    assert rules["uploads"]["ExpirationInDays"] == (30 if is_prod else 7)
    assert rules["reports"]["ExpirationInDays"] == (90 if is_prod else 7)
    assert rules["unfinished"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert {stack["UploadsBucket"][key] for key in ("DeletionPolicy", "UpdateReplacePolicy")} == {
        "RetainExceptOnCreate", "Retain",
    }  # fmt: skip


def test_the_bucket_tells_the_queue_of_uploads_alone(stack: dict[str, Any]) -> None:
    bucket = stack["UploadsBucket"]["Properties"]
    (told,) = bucket["NotificationConfiguration"]["QueueConfigurations"]
    assert told["Queue"] == {"Fn::GetAtt": ["IngestQueue", "Arn"]}
    assert told["Event"] == "s3:ObjectCreated:*"
    assert told["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "uploads/"}]
    assert stack["UploadsBucket"]["DependsOn"] == ["IngestQueuePolicy"]
    allowed = stack["IngestQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][0]
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    arn = allowed["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"]
    assert arn == f"arn:${{AWS::Partition}}:s3:::{bucket['BucketName']['Fn::Sub']}"


@pytest.mark.parametrize(
    ("said", "origins"),
    [
        ({}, None),
        ({"CorsOrigins": "https://a.example,https://b.example"}, ["https://a.example", "https://b.example"]),
        ({"CorsOrigins": "https://a.example", "CorsOriginPattern": "https://.*"}, ["*"]),
    ],
)
def test_browsers_may_send_forms_from_the_front_end(
    said: dict[str, str], origins: list[str] | None, by_osls: Mapping[str, Template]
) -> None:
    stack = _stack(by_osls, {**DEV, **said})
    rules = stack["UploadsBucket"]["Properties"].get("CorsConfiguration", {}).get("CorsRules", [{}])
    assert rules[0].get("AllowedOrigins") == origins
    # the HTTP API answers by itself for exact origins alone, since it knows no patterns
    by_gateway = stack["HttpApi"]["Properties"].get("CorsConfiguration", {}).get("AllowOrigins")
    assert by_gateway == (None if origins == ["*"] else origins)


# The HTTP API.


def test_tokens_are_asked_for_where_an_issuer_is_set(by_osls: Mapping[str, Template]) -> None:
    def routes(parameters: Mapping[str, str]) -> dict[str, str]:
        found = _of_type(_stack(by_osls, parameters), "AWS::ApiGatewayV2::Route")
        return {one["RouteKey"]: one["AuthorizationType"] for _, one in found}

    secured = {"ANY /graphql", "GET /uploads/{id}/errors.csv"}
    everything = {*secured, "GET /healthz", "OPTIONS /graphql", "OPTIONS /{proxy+}"}
    assert routes(DEV) == dict.fromkeys(everything, "NONE")
    assert routes(EVERYTHING) == {route: "JWT" if route in secured else "NONE" for route in everything}
    authorizer = _stack(by_osls, EVERYTHING)["JwtAuthorizer"]["Properties"]["JwtConfiguration"]
    assert authorizer == {"Issuer": "https://id.example", "Audience": ["api", "web"]}


def test_requests_are_bounded_and_logged_as_json(stack: dict[str, Any]) -> None:
    stage = stack["HttpApiStage"]["Properties"]
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] in (50, 500)
    line = json.loads(stage["AccessLogSettings"]["Format"])
    # API Gateway escapes nothing: what a client words as it likes would break a line, or forge one.
    assert line == {
        "at": "$context.requestTime", "request_id": "$context.requestId", "ip": "$context.identity.sourceIp",
        "method": "$context.httpMethod", "route": "$context.routeKey", "status": "$context.status",
        "bytes": "$context.responseLength", "milliseconds": "$context.responseLatency",
        "function_milliseconds": "$context.integrationLatency", "subject": "$context.authorizer.claims.sub",
        "refused": "$context.authorizer.error", "error": "$context.error.message",
        "function_error": "$context.integrationErrorMessage",
    }  # fmt: skip
    group = stage["AccessLogSettings"]["DestinationArn"]["Fn::GetAtt"][0]
    assert int(stack[group]["Properties"]["RetentionInDays"]) > 0


def test_a_published_version_is_called_where_containers_are_kept_ready(by_osls: Mapping[str, Template]) -> None:
    plain, provisioned = _stack(by_osls, DEV), _stack(by_osls, EVERYTHING)
    snapshot = _stack(by_osls, SETTINGS["a snapshot, previews, a certificate"])

    for stack, target in ((plain, {"Fn::GetAtt": ["GraphqlLambdaFunction", "Arn"]}), (provisioned, {"Ref": "GraphqlAlias"}), (snapshot, {"Ref": "GraphqlAlias"})):  # fmt: skip
        assert stack["GraphqlIntegration"]["Properties"]["IntegrationUri"] == target
        assert stack["HttpApiPermission"]["Properties"]["FunctionName"] == target
        assert stack["GraphqlIntegration"]["DependsOn"] == ["HttpApiPermission"]  # or the first requests are refused
    assert "GraphqlVersion" not in plain
    assert provisioned["GraphqlAlias"]["Properties"]["ProvisionedConcurrencyConfig"] == {
        "ProvisionedConcurrentExecutions": "3"
    }
    assert "ProvisionedConcurrencyConfig" not in snapshot["GraphqlAlias"]["Properties"]
    functions = {
        name: one["GraphqlLambdaFunction"]["Properties"] for name, one in (("plain", plain), ("snapshot", snapshot))
    }
    assert functions["plain"]["SnapStart"] == {"ApplyOn": "None"}
    assert functions["snapshot"]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    # a version is made of a function that has changed, or refused
    assert "one" in functions["snapshot"]["Description"]
    assert snapshot["GraphqlVersion"]["Properties"]["Description"] == "one"


def test_the_warm_up_is_a_request_that_asks_nothing(by_osls: Mapping[str, Template]) -> None:
    assert "WarmUpRule" not in _stack(by_osls, DEV)
    stack = _stack(by_osls, EVERYTHING)
    (target,) = stack["WarmUpRule"]["Properties"]["Targets"]
    assert json.loads(target["Input"]) == handler._NO_QUESTION
    assert target["Arn"] == stack["WarmUpPermission"]["Properties"]["FunctionName"]


def test_a_name_of_its_own_is_one_setting(by_osls: Mapping[str, Template]) -> None:
    assert not {"ApiDomain", "ApiCertificate", "ApiName"} & set(_stack(by_osls, DEV))
    in_zone = _stack(by_osls, EVERYTHING)
    assert {record["Type"] for record in in_zone["ApiName"]["Properties"]["RecordSets"]} == {"A", "AAAA"}
    (made,) = in_zone["ApiDomain"]["Properties"]["DomainNameConfigurations"]
    assert made["CertificateArn"] == {"Ref": "ApiCertificate"}
    brought = _stack(by_osls, SETTINGS["a snapshot, previews, a certificate"])
    assert not {"ApiCertificate", "ApiName"} & set(brought)
    environment = brought["GraphqlLambdaFunction"]["Properties"]["Environment"]["Variables"]
    assert environment["PUBLIC_URL"] == "https://api.example.com"


# What wakes somebody.


def test_alarms_reach_somebody_and_say_what_to_do(stack: dict[str, Any]) -> None:
    alarms = dict(_of_type(stack, "AWS::CloudWatch::Alarm"))
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == [{"Ref": "AlarmsTopic"}]
        assert len(alarm["AlarmDescription"]) > 80
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: alarm["MetricName"]
        for alarm in alarms.values()
        if alarm["Namespace"] == "AWS/SQS"
    }
    queues = dict(_of_type(stack, "AWS::SQS::Queue"))
    assert watched == {
        name: "ApproximateAgeOfOldestMessage" if "RedrivePolicy" in queue else "ApproximateNumberOfMessagesVisible"
        for name, queue in queues.items()
    }
    assert {alarm["MetricName"] for alarm in alarms.values()} >= {"5xx", "Latency", "BudgetUsed", "ErrorLines"}
    assert alarms["LatencyAlarm"]["ExtendedStatistic"] == "p99"


def test_an_alarm_may_be_told(stack: dict[str, Any]) -> None:
    """CloudWatch may publish to the topic and use its key; without the second an alarm changes its state and nobody hears."""
    for kind, place in (("AlarmsTopicPolicy", "PolicyDocument"), ("TopicsKey", "KeyPolicy")):
        statements = stack[kind]["Properties"][place]["Statement"]
        assert {"Service": "cloudwatch.amazonaws.com"} in [one["Principal"] for one in statements]
    assert {one["KmsMasterKeyId"]["Ref"] for _, one in _of_type(stack, "AWS::SNS::Topic")} == {"TopicsKey"}


def test_a_topic_s_policy_speaks_of_that_topic_alone(stack: dict[str, Any]) -> None:
    """SNS says that it takes no other; an emulator takes any."""
    for _, policy in _of_type(stack, "AWS::SNS::TopicPolicy"):
        (topic,) = policy["Topics"]
        assert [one["Resource"] for one in policy["PolicyDocument"]["Statement"]] == [topic] * len(
            policy["PolicyDocument"]["Statement"]
        )


def test_figures_are_read_from_lines_of_the_log(stack: dict[str, Any]) -> None:
    read: dict[str, set[str]] = {}
    for _, one in _of_type(stack, "AWS::Logs::MetricFilter"):
        (made,) = one["MetricTransformations"]
        read.setdefault(made["MetricName"], set()).add(one["LogGroupName"]["Ref"])
    groups = {f"{name.capitalize()}LogGroup" for name in stacks.FUNCTIONS}
    assert read == {"BudgetUsed": {"InsightsLogGroup"}, "ErrorLines": groups}
    spaces = {
        alarm["Namespace"] for _, alarm in _of_type(stack, "AWS::CloudWatch::Alarm") if alarm["MetricName"] in read
    }
    assert spaces == {
        one["MetricTransformations"][0]["MetricNamespace"] for _, one in _of_type(stack, "AWS::Logs::MetricFilter")
    }


def test_the_dashboard_is_of_one_region_and_shows_every_alarm_and_queue(stack: dict[str, Any]) -> None:
    assert stack["Dashboard"]["Properties"]["DashboardName"]["Fn::Sub"].endswith("-${AWS::Region}")
    body = stack["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    json.loads(body)
    refers = set(cloudformation.references({"Fn::Sub": body}))
    shown = ("AWS::CloudWatch::Alarm", "AWS::SQS::Queue", "AWS::Lambda::Function")
    assert {name for name, one in stack.items() if one["Type"] in shown} <= refers
    assert refers - set(stack) == {"AWS::Region"}
