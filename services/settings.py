"""The settings, read once from the environment. No other line of the product reads the environment."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from services.errors import Rejected
from services.vocabulary import InsightEngine, Role

TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}
LOCAL = "local"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
STRANGERS = ("https://stranger.invalid", "http://stranger.invalid", "null")
"Origins that nobody has in mind."
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
REFERENCE = re.compile(r"ssm:/[\w./-]+|secretsmanager:[\w/+=.@:!-]+(#\S+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one deployment and another."""

    database_url: str = field(default="", repr=False)
    "Where PostgreSQL answers; may be a transaction-mode pooler. It or a reference to it: see is_reference."
    database_url_direct: str = field(default="", repr=False)
    "PostgreSQL without the pooler, for migrations; the same as database_url where empty. It or a reference."
    database_connections: int = 4
    "How many GraphQL requests a container's process works on side by side, each on a connection of its own."
    database_patience_seconds: int = 10
    "How long a request waits for a connection, or in a container for its turn, before it is told to come again."
    statement_seconds: int = 10
    "How long the database may work on one statement of a request before it is stopped."
    uploads_bucket: str = "success-insights-uploads"
    uploads_topic_arn: str = ""
    "SNS topic that is told of each finished upload; empty: nobody is."
    aws_endpoint_url: str = ""
    "Another address for S3, SQS and SNS, such as an emulator's."
    aws_region: str = "eu-central-1"
    cors_origins: tuple[str, ...] = ()
    "Exact origins of the front end."
    cors_origin_pattern: str = ""
    "A regular expression for preview deployments; it must match the whole origin."
    graphiql: bool = False
    graphiql_assets: str = "/graphiql"
    "Where GraphiQL's scripts and styles lie, by their bare names."
    introspection: bool = True
    "Whether clients may ask for the schema, and errors suggest names of it."
    trusted_documents: str = ""
    "A file of documents by their SHA-256, which may be asked for by that; empty: none."
    trusted_documents_only: bool = False
    "Whether nothing else is answered."
    public_url: str = ""
    "Where clients reach the API; empty: as the request says."
    workspace_name: str = "Success Insights"
    currency: str = "USD"
    log_level: str = "INFO"
    tracing: str = ""
    "`otel`: spans of OpenTelemetry are made. Empty: none are."
    insights_queue_url: str = ""
    "SQS queue of the insight worker; empty: nobody can queue an insight."
    openai_api_key: str = field(default="", repr=False)
    "It or a reference."
    openai_base_url: str = ""
    "Another server that speaks OpenAI's protocol; one of one's own needs no key. Empty: OpenAI's."
    openai_model: str = "gpt-6-luna"
    openai_timeout_seconds: int = 45
    "How long one call of the model may take."
    insight_fallback: bool = False
    "Whether the rules write, saying why, where the model cannot be had; else such a job waits and at last fails."
    insight_tokens_per_day: int = 2_000_000
    "Tokens that the model may use in a day (UTC), prompts included."
    stage: str = LOCAL
    "Which deployment this is; any other than `local` is one that strangers may reach."
    access: str = "keys"
    "`keys`: API keys and JWTs; `open`: everybody who asks by the loopback interface may do everything."
    on_lambda: bool = False
    "Whether Lambda runs this process: there the HTTP API's authorizer has checked a JWT, or nobody has."
    jwt_issuer: str = ""
    "Whose JWTs are taken, as their `iss` has it; empty: nobody's."
    jwt_audience: tuple[str, ...] = ()
    "What one of must be a JWT's `aud`, or its `client_id` where it has none."
    jwt_jwks_url: str = ""
    "Where the issuer's keys are; empty: where its OpenID configuration says."
    jwt_role_claim: str = "role"
    "Which claim holds the role, or the groups."
    jwt_roles: tuple[tuple[str, Role], ...] = tuple((role.value, role) for role in Role)
    "Which value of that claim means which role; `*` is every valid JWT's. The highest counts; without one: refused."

    @property
    def database_patience(self) -> timedelta:
        return timedelta(seconds=self.database_patience_seconds)

    @property
    def longest_statement(self) -> timedelta:
        return timedelta(seconds=self.statement_seconds)

    @property
    def insight_engine(self) -> InsightEngine:
        """The model where a key or a server of one's own is set, else the rules."""
        has_model = self.openai_api_key or self.openai_base_url
        return InsightEngine.OPENAI if has_model else InsightEngine.RULES


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environment` (default: this process's). A variable that is set and empty counts as unset.

    Raises Rejected, naming the variable, for a value that cannot be meant.
    """
    env = os.environ if environment is None else environment
    pattern = env.get("CORS_ORIGIN_PATTERN", "")
    try:
        re.compile(pattern)
    except re.error as error:
        raise Rejected("INVALID_VALUE", f"CORS_ORIGIN_PATTERN is not a regular expression: {error}") from error
    origins, access = tuple(origin.rstrip("/") for origin in _listed(env, "CORS_ORIGINS")), _access(env)
    if access == "open" and ("*" in origins or any(re.fullmatch(pattern, origin) for origin in STRANGERS)):
        message = "ACCESS=open would let every page in that a browser here shows: name the origins that CORS lets in"
        raise Rejected("INVALID_VALUE", message)
    currency = env.get("CURRENCY", "").upper() or "USD"
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Rejected("INVALID_VALUE", f"CURRENCY must be an ISO 4217 code such as USD, not {currency!r}")
    base_url = env.get("OPENAI_BASE_URL", "").rstrip("/")
    if base_url and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", base_url):
        # not quoted: the key may have got there
        raise Rejected("INVALID_VALUE", "OPENAI_BASE_URL must be an address such as https://host/v1")
    log_level = env.get("LOG_LEVEL", "").upper() or "INFO"
    if log_level not in LOG_LEVELS:
        raise Rejected("INVALID_VALUE", f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {log_level!r}")
    issuer, audience = _trusted(env, "JWT_ISSUER"), _listed(env, "JWT_AUDIENCE")
    if issuer and not audience:
        raise Rejected("INVALID_VALUE", "JWT_AUDIENCE must be set with JWT_ISSUER: its tokens may be meant for others")
    tracing = env.get("TRACING", "").lower()
    if tracing not in ("", "otel"):
        raise Rejected("INVALID_VALUE", f"TRACING must be otel or be left out, not {tracing!r}")
    trusted, trusted_only = env.get("TRUSTED_DOCUMENTS", ""), _flag(env, "TRUSTED_DOCUMENTS_ONLY")
    if trusted_only and not trusted:
        raise Rejected("INVALID_VALUE", "TRUSTED_DOCUMENTS_ONLY answers nothing without TRUSTED_DOCUMENTS")
    url = _secret(env, "DATABASE_URL")
    return Settings(
        database_url=url,
        database_url_direct=_secret(env, "DATABASE_URL_DIRECT") or url,
        database_connections=_number(env, "DATABASE_CONNECTIONS", 4, 1, 100),
        statement_seconds=_number(env, "STATEMENT_SECONDS", 10, 1, 25),
        database_patience_seconds=_number(env, "DATABASE_PATIENCE_SECONDS", 10, 1, 25),
        uploads_bucket=env.get("UPLOADS_BUCKET", "") or "success-insights-uploads",
        uploads_topic_arn=env.get("UPLOADS_TOPIC_ARN", ""),
        aws_endpoint_url=env.get("AWS_ENDPOINT_URL", ""),
        aws_region=env.get("AWS_REGION", "") or env.get("AWS_DEFAULT_REGION", "") or "eu-central-1",
        cors_origins=origins,
        cors_origin_pattern=pattern,
        graphiql=_flag(env, "GRAPHIQL"),
        graphiql_assets=env.get("GRAPHIQL_ASSETS", "").rstrip("/") or "/graphiql",
        introspection=_flag(env, "INTROSPECTION") if env.get("INTROSPECTION") else True,
        trusted_documents=trusted,
        trusted_documents_only=trusted_only,
        public_url=env.get("PUBLIC_URL", "").rstrip("/"),
        workspace_name=env.get("WORKSPACE_NAME", "") or "Success Insights",
        currency=currency,
        log_level=log_level,
        tracing=tracing,
        insights_queue_url=env.get("INSIGHTS_QUEUE_URL", ""),
        openai_api_key=_secret(env, "OPENAI_API_KEY"),
        openai_base_url=base_url,
        openai_model=env.get("OPENAI_MODEL", "") or "gpt-6-luna",
        openai_timeout_seconds=_number(env, "OPENAI_TIMEOUT_SECONDS", 45, 1, 600),
        insight_fallback=_flag(env, "INSIGHT_FALLBACK"),
        insight_tokens_per_day=_number(env, "INSIGHT_TOKENS_PER_DAY", 2_000_000, 0, 2_000_000_000),
        stage=env.get("STAGE", "") or LOCAL,
        access=access,
        on_lambda=bool(env.get("AWS_LAMBDA_FUNCTION_NAME")),
        jwt_issuer=issuer,
        jwt_audience=audience,
        jwt_jwks_url=_trusted(env, "JWT_JWKS_URL"),
        jwt_role_claim=env.get("JWT_ROLE_CLAIM", "") or "role",
        jwt_roles=_roles(env),
    )


def entry_point(environment: Mapping[str, str] | None = None) -> str:
    """Which function of handler.py Lambda calls in this process; empty outside Lambda."""
    env = os.environ if environment is None else environment
    return env.get("_HANDLER", "").rpartition(".")[2]


def is_kept_ready(environment: Mapping[str, str] | None = None) -> bool:
    """Whether Lambda made this process before there is an event for it, by provisioned concurrency."""
    env = os.environ if environment is None else environment
    return env.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "provisioned-concurrency"


def _access(env: Mapping[str, str]) -> str:
    access = env.get("ACCESS", "").strip().lower() or "keys"
    if access not in ("open", "keys"):
        raise Rejected("INVALID_VALUE", f"ACCESS must be keys or open, not {access!r}")
    stage, function = env.get("STAGE", "") or LOCAL, env.get("AWS_LAMBDA_FUNCTION_NAME", "")
    if access == "open" and (stage != LOCAL or function):
        deployed = f"on Lambda ({function})" if function else f"with STAGE={stage}"
        raise Rejected("INVALID_VALUE", f"ACCESS=open would let strangers in: nothing starts so {deployed}")
    return access


def is_loopback(host: str) -> bool:
    """Whether a Host header names this machine. A page of another name may have been led to this machine's address.

    >>> [is_loopback(host) for host in ("localhost:8000", "127.0.0.1", "[::1]:80", "evil.example:8000", "")]
    [True, True, True, False, False]
    """
    try:
        return urlsplit(f"//{host}").hostname in LOOPBACK
    except ValueError:
        return False


def is_for_loopback(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request means this machine by its one Host: of several a server may take any.

    >>> [is_for_loopback([(b"host", b"localhost:80"), *more]) for more in ([], [(b"host", b"evil.example")])]
    [True, False]
    """
    hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
    return len(hosts) == 1 and is_loopback(hosts[0])


def is_trusted(address: str) -> bool:
    """Whether keys may be believed that come from there: by HTTPS, or from this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    return bool(is_safe and parts.hostname and re.fullmatch(r"[!-~]+", address))


def _trusted(env: Mapping[str, str], name: str) -> str:
    address = env.get(name, "").strip()
    if address and not is_trusted(address):
        raise Rejected("INVALID_VALUE", f"{name} must be an address such as https://id.example.com, not {address!r}")
    return address


def _roles(env: Mapping[str, str]) -> tuple[tuple[str, Role], ...]:
    pairs = [pair.rpartition("=") for pair in _listed(env, "JWT_ROLES")]
    for value, _, role in pairs:
        if not value.strip() or role.strip() not in list(Role):
            roles = ", ".join(Role)
            raise Rejected("INVALID_VALUE", f"JWT_ROLES must be such as admins=ADMIN,team=CSM; the roles are {roles}")
    return tuple((value.strip(), Role(role.strip())) for value, _, role in pairs) or Settings().jwt_roles


def _listed(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in env.get(name, "").split(",") if one.strip())


@dataclass(frozen=True, slots=True)
class CredentialsPlace:
    """Where this process's credentials of AWS are: in the environment, or at an address of the container's."""

    key_id: str = ""
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    url: str = ""
    authorization: str = field(default="", repr=False)


def credentials_place(environment: Mapping[str, str] | None = None) -> CredentialsPlace:
    """As AWS's own libraries look for them; empty where neither is named. Lambda, with SnapStart, and Fargate have one.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
    """
    env = os.environ if environment is None else environment
    if env.get("AWS_ACCESS_KEY_ID") and env.get("AWS_SECRET_ACCESS_KEY"):
        token = env.get("AWS_SESSION_TOKEN", "")
        return CredentialsPlace(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], token)
    path, full = env.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"), env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
    url = f"http://169.254.170.2{path}" if path else full
    return CredentialsPlace(url=url, authorization=env.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", ""))


def is_reference(value: str) -> bool:
    """Whether it names a secret instead of being one: `ssm:/path/name` or `secretsmanager:name-or-arn#json-key`.

    >>> is_reference("ssm:/success-insights/prod/database-url"), is_reference("postgresql://host/db")
    (True, False)
    """
    return value.startswith(("ssm:", "secretsmanager:"))


def _secret(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if is_reference(value) and not REFERENCE.fullmatch(value):
        forms = "ssm:/path/name, secretsmanager:name and secretsmanager:name#json-key"
        raise Rejected("INVALID_VALUE", f"{name} is no reference to a secret: there are {forms}")
    return value


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise Rejected("INVALID_VALUE", f"{name} must be yes or no, not {value!r}")


def _number(env: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    value = env.get(name, "") or str(usual)
    if not (value.isascii() and value.isdecimal() and len(value) <= 12 and least <= int(value) <= most):
        raise Rejected("INVALID_VALUE", f"{name} must be a number from {least:,} to {most:,}, not {value!r}")
    return int(value)
