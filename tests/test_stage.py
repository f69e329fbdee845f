"""A stage's settings are checked before anything is built, migrated or sent, and a deploy does the three in order."""

import sys
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from deploy import __main__ as deploy
from deploy import files, stage
from deploy.__main__ import OSLS, Step
from services.errors import Failure

URL = "ssm:/success-insights/prod/database-url"
Keep = Callable[[str], Path]


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    def write(text: str, name: str = "prod") -> Path:
        (tmp_path / f"{name}.yml").write_text(text)
        return tmp_path

    return write


def test_a_file_says_a_stage_and_the_command_line_comes_first(keep: Keep) -> None:
    kept = keep(f"DatabaseUrl: '{URL}'\nAlarmEmail: a@example.com\nGraphiQL: 'yes'\n")

    settings = stage.read("prod", ["AlarmEmail=b@example.com"], kept=kept).settings

    said = {name: settings[name] for name in ("Stage", "DatabaseUrl", "AlarmEmail", "GraphiQL", "SnapStart")}
    assert said == {
        "Stage": "prod", "DatabaseUrl": URL, "AlarmEmail": "b@example.com", "GraphiQL": "yes", "SnapStart": "no",
    }  # fmt: skip


def test_the_example_is_in_order(keep: Keep) -> None:
    text = (stage.KEPT / "example.yml").read_text()
    assert stage.read("prod", kept=keep(text)).settings["DatabaseUrl"] == URL


WRONG = {
    "nothing is said": ("", [], "DatabaseUrl is missing"),
    "a name is misspelled": (f"DatabaseUrl: {URL}\nDomainNane: a.b", [], "there is no setting DomainNane: is DomainName meant?"),
    "a parameter is misspelled": (f"DatabaseUrl: {URL}", ["SnapStar=yes"], "there is no setting SnapStar: is SnapStart meant?"),
    "a value is none of the allowed": (f"DatabaseUrl: {URL}", ["Architecture=arm"], "Architecture must be one of x86_64, arm64, not 'arm'"),
    "a value is of another form": (f"DatabaseUrl: {URL}", ["CorsOrigins=https://a.b/"], "CorsOrigins must be origins such as "),
    "too few at once": (f"DatabaseUrl: {URL}", ["IngestConcurrency=1"], "IngestConcurrency must be "),
    "a pattern is none": (f"DatabaseUrl: {URL}", ["CorsOriginPattern=("], "CorsOriginPattern is not a regular expression"),
    "a secret in prod": ("DatabaseUrl: postgresql://u:hidden@host/db", [], "DatabaseUrl: prod takes a reference"),
    "a secret that the role cannot read": ("DatabaseUrl: ssm:/success-insights/dev/database-url", [], "DatabaseUrl: the functions may read what lies under /success-insights/prod"),
    "an issuer without audience": (f"DatabaseUrl: {URL}", ["JwtIssuer=https://id.example"], "JwtIssuer needs JwtAudience"),
    "a name without certificate": (f"DatabaseUrl: {URL}", ["DomainName=api.example.com"], "DomainName needs CertificateArn, or HostedZoneId"),
    "a space between audiences": (f"DatabaseUrl: {URL}", ["JwtIssuer=https://id.example", "JwtAudience=api, web"], "JwtAudience must be one or more audiences"),
    "more tokens than are counted": (f"DatabaseUrl: {URL}", ["InsightTokensPerDay=2000000001"], "InsightTokensPerDay must be a number up to"),
    "a reference that is none": ("DatabaseUrl: ssm:/success-insights/prod/database url", [], "the functions would refuse it: DATABASE_URL is no reference"),
    "an address that is none": (f"DatabaseUrl: {URL}", ["OpenAiBaseUrl=https:///v1"], "OPENAI_BASE_URL must be an address"),
    "known documents alone, and none is known": (f"DatabaseUrl: {URL}", ["TrustedDocumentsOnly=yes"], "TRUSTED_DOCUMENTS_ONLY answers nothing"),
    "two that exclude each other": (f"DatabaseUrl: {URL}", ["SnapStart=yes", "ProvisionedConcurrency=2"], "SnapStart or ProvisionedConcurrency, not both"),
    "a stage in the file": (f"DatabaseUrl: {URL}\nStage: dev", [], "Stage is said by --stage"),
    "a value out of quotes": (f"DatabaseUrl: {URL}\nSnapStart: no", [], "the value of SnapStart must stand in quotes"),
    "no lines of settings": ("- DatabaseUrl", [], "must hold lines such as"),
    "no YAML": ("DatabaseUrl: 'ssm", [], "is not YAML"),
    "a parameter without value": (f"DatabaseUrl: {URL}", ["Currency="], "--param takes Name=value, not 'Currency'"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named(case: str, keep: Keep) -> None:
    text, given, message = WRONG[case]

    with pytest.raises(Failure) as failure:
        stage.read("prod", given, kept=keep(text))

    assert message in str(failure.value)
    assert "hidden" not in str(failure.value)


def test_every_mistake_is_told_at_once(keep: Keep) -> None:
    with pytest.raises(Failure) as failure:
        stage.read("prod", kept=keep("Currency: dollar\nGraphiQL: 'maybe'\n"))
    assert [line.split()[0] for line in str(failure.value).splitlines()[1:]] == ["DatabaseUrl", "Currency", "GraphiQL"]


@pytest.mark.parametrize(
    "reference",
    [
        "secretsmanager:/success-insights/prod/database#url",
        "secretsmanager:arn:aws:secretsmanager:eu-central-1:1:secret:/success-insights/prod/database-AbCdEf#url",
    ],
)
def test_secrets_of_the_secrets_manager_are_held_to_the_path_too(reference: str, keep: Keep) -> None:
    kept = keep(f"DatabaseUrl: '{reference}'")
    assert stage.read("prod", kept=kept).settings["DatabaseUrl"] == reference
    with pytest.raises(Failure, match="lies under /elsewhere"):
        stage.read("prod", ["SecretsPath=/elsewhere"], kept=kept)


def _steps(*arguments: str, kept: Path = stage.KEPT) -> list[Step]:
    asked, rest = deploy._parser().parse_known_args(arguments)
    return list(deploy.steps(asked, rest, release="r1", kept=kept))


def test_a_deploy_builds_then_migrates_then_sends(keep: Keep) -> None:
    kept = keep(f"DatabaseUrl: '{URL}'\nDatabaseUrlDirect: '{URL}-direct'\nArchitecture: arm64\n")

    built, migrated, sent = _steps(
        "deploy", "--stage", "prod", "--region", "eu-west-1", "--param", "WarmUp=yes", "--force", kept=kept
    )

    assert built.command == [sys.executable, "-m", "deploy.package", "--architecture", "arm64"]
    assert migrated.command == [sys.executable, "-m", "local", "migrate"]
    assert migrated.environment == {"AWS_REGION": "eu-west-1", "DATABASE_URL_DIRECT": f"{URL}-direct"}
    assert sent.command == [
        str(OSLS), "deploy", "--stage", "prod", "--region", "eu-west-1", "--param=WarmUp=yes", "--param=Release=r1", "--force",
    ]  # fmt: skip


def test_nothing_is_begun_where_a_setting_is_wrong() -> None:
    with pytest.raises(Failure, match="is DatabaseUrl meant"):
        _steps("deploy", "--stage", "none", "--param", "DatabaseUr=ssm:/success-insights/none/x")


def test_a_look_at_a_stage_needs_no_settings() -> None:
    (looked,) = _steps("info", "--stage", "none", "--region", "eu-west-1", "--aws-profile", "ops")
    assert looked.command == [
        str(OSLS), "info", "--stage", "none", "--region", "eu-west-1", "--param=DatabaseUrl=ssm:/none",
    ]  # fmt: skip
    assert looked.environment == {"AWS_REGION": "eu-west-1", "AWS_PROFILE": "ops"}


def test_what_is_osls_own_goes_to_osls() -> None:
    (looked,) = _steps("logs", "--function", "graphql", "--stage", "none", "--region", "eu-west-1", "--tail")
    assert looked.command[-3:] == ["--function", "graphql", "--tail"]


def test_files_are_kept_unless_asked_and_in_prod_always() -> None:
    assert len(_steps("remove", "--stage", "dev")) == 1
    removed, deleted = _steps("remove", "--stage", "dev", "--region", "eu-west-1", "--with-files")
    assert removed.command[1] == "remove"
    assert deleted.command == [sys.executable, "-m", "deploy.files", "--stage", "dev", "--region", "eu-west-1"]
    with pytest.raises(Failure, match="not for prod"):
        _steps("remove", "--stage", "prod", "--with-files")


def test_a_bucket_is_deleted_with_its_files(
    aws: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    account = boto3.client("sts", region_name="eu-central-1").get_caller_identity()["Account"]
    name = f"success-insights-try-uploads-{account}-eu-central-1"
    s3 = boto3.client("s3", region_name="eu-central-1")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for number in range(3):
        s3.put_object(Bucket=name, Key=f"uploads/{number}.csv", Body=b"a")

    files.main(["--stage", "try", "--region", "eu-central-1"])

    assert capsys.readouterr().out == f"deleted {name} with 3 files\n"
    assert name not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
