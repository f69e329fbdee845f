"""The settings: what the environment says, what holds where it says nothing, and what it cannot mean."""

import pytest

from services.errors import Rejected
from services.settings import (
    CredentialsPlace,
    Settings,
    credentials_place,
    entry_point,
    from_environment,
    is_loopback,
    is_reference,
)
from services.vocabulary import InsightEngine, Role


def test_an_empty_environment_gives_the_settings_as_they_come() -> None:
    assert from_environment({}) == Settings()


def test_every_setting_is_read_from_its_variable() -> None:
    environment = {
        "DATABASE_URL": "postgresql://pooled/db",
        "DATABASE_URL_DIRECT": "postgresql://direct/db",
        "DATABASE_CONNECTIONS": "9",
        "DATABASE_PATIENCE_SECONDS": "20",
        "STATEMENT_SECONDS": "7",
        "UPLOADS_BUCKET": "files",
        "UPLOADS_TOPIC_ARN": "arn:aws:sns:eu-central-1:1:told",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_REGION": "eu-west-1",
        "CORS_ORIGINS": "https://app.example.com/, ,https://other.example.com",
        "CORS_ORIGIN_PATTERN": r"https://preview-\d+\.example\.com",
        "GRAPHIQL": " Yes ",
        "GRAPHIQL_ASSETS": "/assets/",
        "PUBLIC_URL": "https://api.example.com/",
        "WORKSPACE_NAME": "Acme",
        "CURRENCY": "eur",
        "LOG_LEVEL": "debug",
        "TRACING": "OTEL",
    }

    assert from_environment(environment) == Settings(
        database_url="postgresql://pooled/db",
        database_url_direct="postgresql://direct/db",
        database_connections=9,
        database_patience_seconds=20,
        statement_seconds=7,
        uploads_bucket="files",
        uploads_topic_arn="arn:aws:sns:eu-central-1:1:told",
        aws_endpoint_url="http://127.0.0.1:4566",
        aws_region="eu-west-1",
        cors_origins=("https://app.example.com", "https://other.example.com"),
        cors_origin_pattern=r"https://preview-\d+\.example\.com",
        graphiql=True,
        graphiql_assets="/assets",
        public_url="https://api.example.com",
        workspace_name="Acme",
        currency="EUR",
        log_level="DEBUG",
        tracing="otel",
    )


def test_variables_that_are_set_and_empty_mean_the_same_as_unset_ones() -> None:
    empty = ["DATABASE_URL", "DATABASE_URL_DIRECT", "UPLOADS_BUCKET", "UPLOADS_TOPIC_ARN", "AWS_ENDPOINT_URL",
             "AWS_REGION", "CORS_ORIGINS", "CORS_ORIGIN_PATTERN", "GRAPHIQL", "GRAPHIQL_ASSETS", "PUBLIC_URL",
             "WORKSPACE_NAME", "CURRENCY", "LOG_LEVEL", "TRACING"]  # fmt: skip

    assert from_environment(dict.fromkeys(empty, "")) == Settings()


def test_without_a_direct_address_migrations_take_the_only_one() -> None:
    assert from_environment({"DATABASE_URL": "postgresql://one"}).database_url_direct == "postgresql://one"


def test_the_region_falls_back_to_the_default_one_of_aws() -> None:
    assert from_environment({"AWS_DEFAULT_REGION": "us-east-1"}).aws_region == "us-east-1"


def test_the_process_environment_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSPACE_NAME", "From the process")

    assert from_environment().workspace_name == "From the process"


@pytest.mark.parametrize(
    ("text", "flag"), [("1", True), ("true", True), ("ON", True), ("0", False), ("No", False), ("off", False)]
)
def test_a_flag_is_said_in_several_words(text: str, flag: bool) -> None:
    assert from_environment({"GRAPHIQL": text}).graphiql is flag


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"GRAPHIQL": "perhaps"}, "GRAPHIQL must be yes or no, not 'perhaps'"),
        ({"CURRENCY": "euro"}, "CURRENCY must be an ISO 4217 code such as USD, not 'EURO'"),
        ({"CURRENCY": "US\n"}, r"CURRENCY must be an ISO 4217 code such as USD, not 'US\n'"),
        ({"TRACING": "xray"}, "TRACING must be otel or be left out, not 'xray'"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not 'LOUD'"),
        (
            {"CORS_ORIGIN_PATTERN": "https://("},
            "CORS_ORIGIN_PATTERN is not a regular expression: missing ), unterminated subpattern at position 8",
        ),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_the_name_of_its_variable(
    environment: dict[str, str], message: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        from_environment(environment)

    assert (refusal.value.code, refusal.value.message) == ("INVALID_VALUE", message)


@pytest.mark.parametrize("value", ["many", "-1", "0", "601", "1" * 13, "٣"])
def test_a_number_that_cannot_be_meant_names_its_variable(value: str) -> None:
    with pytest.raises(Rejected, match="OPENAI_TIMEOUT_SECONDS must be a number from 1 to 600, not"):
        from_environment({"OPENAI_TIMEOUT_SECONDS": value})


def test_a_model_writes_where_a_key_or_a_server_is_set() -> None:
    engines = [
        from_environment(given).insight_engine
        for given in ({}, {"OPENAI_API_KEY": "k"}, {"OPENAI_BASE_URL": "http://127.0.0.1:9100/v1/"})
    ]

    assert engines == [InsightEngine.RULES, InsightEngine.OPENAI, InsightEngine.OPENAI]
    assert "secret" not in repr(from_environment({"OPENAI_API_KEY": "secret"}))


@pytest.mark.parametrize("value", ["nonsense", "ftp://host/v1", "https://", "http://a b/v1"])
def test_a_server_that_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(Rejected, match=r"OPENAI_BASE_URL must be an address such as https://host/v1$"):
        from_environment({"OPENAI_BASE_URL": value})


def test_the_entry_point_is_what_lambda_says() -> None:
    assert entry_point({"_HANDLER": "handler.graphql"}) == "graphql"
    assert entry_point({}) == ""


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("ssm:/success-insights/prod/database-url", True),
        ("secretsmanager:prod/database#url", True),
        ("secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbC123#url", True),
        ("postgresql://ssm:secretsmanager@host/db", False),
    ],
)
def test_a_secret_may_be_named_instead_of_given(value: str, named: bool) -> None:
    known = from_environment({"DATABASE_URL": value, "OPENAI_API_KEY": value})

    assert (known.database_url, known.database_url_direct, known.openai_api_key) == (value, value, value)
    assert (is_reference(value), known.insight_engine) == (named, InsightEngine.OPENAI)


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_DIRECT", "OPENAI_API_KEY"])
@pytest.mark.parametrize("value", ["ssm:", "ssm:name", "ssm:/a b", "secretsmanager:", "secretsmanager:a#", "ssm:/ä"])
def test_a_reference_that_names_nothing_is_refused(name: str, value: str) -> None:
    with pytest.raises(Rejected) as refused:
        from_environment({name: value})

    assert refused.value.message == (
        f"{name} is no reference to a secret: there are ssm:/path/name, secretsmanager:name and secretsmanager:name#json-key"
    )


def test_what_is_secret_is_not_shown() -> None:
    known = from_environment({"DATABASE_URL": "hunter2", "DATABASE_URL_DIRECT": "hunter2", "OPENAI_API_KEY": "hunter2"})
    place = credentials_place(
        {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "hunter2", "AWS_SESSION_TOKEN": "hunter2"}
    )

    assert "hunter2" not in repr(known) + repr(place)


def test_credentials_are_in_the_environment_or_at_the_container_s_address() -> None:
    key = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s"}
    full = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:2772/c", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "t"}

    assert credentials_place({**key, **full}) == CredentialsPlace("A", "s")
    assert credentials_place(full) == CredentialsPlace(url="http://127.0.0.1:2772/c", authorization="t")
    fargate = credentials_place({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1"})
    assert fargate == CredentialsPlace(url="http://169.254.170.2/v2/credentials/1")
    assert credentials_place({"AWS_ACCESS_KEY_ID": "A"}) == CredentialsPlace()


# --- who may ask ---


def test_who_may_ask_is_read_from_its_variables() -> None:
    known = from_environment({
        "STAGE": "prod", "ACCESS": " Keys ", "AWS_LAMBDA_FUNCTION_NAME": "api", "JWT_ISSUER": "https://id.example.com/",
        "JWT_AUDIENCE": "insights, second", "JWT_JWKS_URL": "https://id.example.com/keys", "JWT_ROLE_CLAIM": "groups",
        "JWT_ROLES": "admins=ADMIN, team=leads=MANAGER ,*=VIEWER",
    })  # fmt: skip

    assert known == Settings(
        stage="prod", on_lambda=True, jwt_issuer="https://id.example.com/", jwt_audience=("insights", "second"),
        jwt_jwks_url="https://id.example.com/keys", jwt_role_claim="groups",
        jwt_roles=(("admins", Role.ADMIN), ("team=leads", Role.MANAGER), ("*", Role.VIEWER)),
    )  # fmt: skip


def test_on_one_machine_it_may_be_open() -> None:
    assert from_environment({"ACCESS": "open"}).access == "open"
    assert from_environment({"ACCESS": "open", "STAGE": "local"}).access == "open"


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("ACCESS", "nobody", "ACCESS must be keys or open, not 'nobody'"),
        ("JWT_ISSUER", "https://id.example.com", "JWT_AUDIENCE must be set with JWT_ISSUER: its tokens may be meant for others"),
        ("JWT_ISSUER", "http://id.example.com", "JWT_ISSUER must be an address such as https://id.example.com, not 'http://id.example.com'"),
        ("JWT_ISSUER", "id.example.com", "JWT_ISSUER must be an address such as https://id.example.com, not 'id.example.com'"),
        ("JWT_ISSUER", "https://", "JWT_ISSUER must be an address such as https://id.example.com, not 'https://'"),
        ("JWT_JWKS_URL", "https://[", "JWT_JWKS_URL must be an address such as https://id.example.com, not 'https://['"),
        ("JWT_JWKS_URL", "file:///keys", "JWT_JWKS_URL must be an address such as https://id.example.com, not 'file:///keys'"),
        ("JWT_JWKS_URL", "https://id.example.com/a b", "JWT_JWKS_URL must be an address such as https://id.example.com, not 'https://id.example.com/a b'"),
        ("JWT_ROLES", "admins", "JWT_ROLES must be such as admins=ADMIN,team=CSM; the roles are VIEWER, CSM, MANAGER, ADMIN"),
        ("JWT_ROLES", "=ADMIN", "JWT_ROLES must be such as admins=ADMIN,team=CSM; the roles are VIEWER, CSM, MANAGER, ADMIN"),
        ("JWT_ROLES", "admins=ROOT", "JWT_ROLES must be such as admins=ADMIN,team=CSM; the roles are VIEWER, CSM, MANAGER, ADMIN"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_of_who_may_ask(variable: str, value: str, reason: str) -> None:
    with pytest.raises(Rejected) as refused:
        from_environment({variable: value})

    assert str(refused.value) == reason


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9000", "[::1]:9000"])
def test_keys_may_come_from_this_machine_without_encryption(host: str) -> None:
    assert from_environment({"JWT_JWKS_URL": f"http://{host}/keys"}).jwt_jwks_url == f"http://{host}/keys"


@pytest.mark.parametrize("host", ["[", "[::1", "example.com", "127.0.0.1.example.com", "127.0.0.1@example.com"])
def test_what_is_not_this_machine(host: str) -> None:
    assert not is_loopback(host)
