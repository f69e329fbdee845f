"""What the one machine can be told by its environment: `PORT=8001 DATA_DIR=/srv/insights make run`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.errors import Rejected
from services.settings import FALSE, TRUE

HOST = "127.0.0.1"
"Everything listens here and nowhere else."


@dataclass(frozen=True, slots=True)
class Options:
    """Where the parts listen and keep their data."""

    port: int = 8000
    "Of the web server."
    aws_port: int = 9000
    "Of the emulator; 1000 above the web server's unless it is told."
    data_dir: Path = Path(".data")
    demo_data: bool = True
    "Whether an empty database is filled with a made-up portfolio."
    database_url: str = ""
    "Another PostgreSQL, instead of the embedded one."
    cors_origins: str = "http://localhost:3000"
    "Origins of a front end under development, separated by commas."

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/graphql"

    @property
    def aws_url(self) -> str:
        return f"http://{HOST}:{self.aws_port}"


def from_environment(environment: Mapping[str, str] | None = None) -> Options:
    """Options from `environment` (default: this process's). Raises Rejected, naming the variable."""
    env = os.environ if environment is None else environment
    port = _port(env, "PORT", 8000)
    return Options(
        port=port,
        aws_port=_port(env, "AWS_PORT", port + 1000 if port < 64536 else port - 1000),
        data_dir=Path(env.get("DATA_DIR") or ".data").expanduser().resolve(),
        demo_data=_flag(env, "DEMO_DATA"),
        database_url=env.get("DATABASE_URL", ""),
        cors_origins=env.get("CORS_ORIGINS") or "http://localhost:3000",
    )


def credentials(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The header by which the API knows who asks: API_KEY's; none where that is not set."""
    key = (os.environ if environment is None else environment).get("API_KEY", "")
    return {"authorization": f"Bearer {key}"} if key else {}


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name) or str(default)
    if not value.isascii() or not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise Rejected("INVALID_VALUE", f"{name} must be a port from 1 to 65535, not {value!r}")
    return int(value)


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "1").strip().lower()
    if value not in TRUE | FALSE:
        raise Rejected("INVALID_VALUE", f"{name} must be 1 or 0, not {value!r}")
    return value in TRUE
