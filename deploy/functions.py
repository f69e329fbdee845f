"""What each of Lambda's functions is made of, and the limits of what is made. Not the making: deploy.package."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024
MOST: Final = 250 * MIB
"Lambda's own limit of an unzipped package, in bytes."


@dataclass(frozen=True, slots=True)
class Function:
    """One function of handler.py, by which name its lock file is called too."""

    product: tuple[str, ...]
    "Files and folders of this repository."
    without: tuple[str, ...]
    "Patterns of what of it, and of the dependencies, the function never loads; relative to the package."
    loads: tuple[str, ...]
    "The packages of others that it loads when it works, and so carries: these and no more."
    zipped: int = 50 * 1000 * 1000
    "How large the archive may be, in bytes. Lambda takes 50 MB that are not sent by way of S3."
    unzipped: int = MOST


UNUSED: Final = (
    "bin", "*.dist-info/[!LMl]*", "**/*.pyi", "**/*.pyx", "**/*.pxd", "**/tests", "**/test",
    "**/testing", "**/__pycache__",
)  # fmt: skip
"In any package: what installers and type checkers read, and tests. A dist-info keeps its METADATA and its licenses."
OF_WRITES: Final = (
    "sqlalchemy/**/*_cy.*.so",  # 9 MiB that speed up large results; the same modules are there in Python
    "sqlalchemy/dialects/m*sql", "sqlalchemy/dialects/oracle", "sqlalchemy/dialects/sqlite", "sqlalchemy/ext/[!_]*",
    "pydantic/v1", "pydantic/mypy.py",
)  # fmt: skip
"Of SQLModel's dependencies."
OF_STRAWBERRY: Final = tuple(
    f"strawberry/{name}"
    for name in (
        "aiohttp", "chalice", "channels", "cli", "codegen", "codemods", "django", "fastapi", "flask", "litestar",
        "quart", "sanic", "schema_codegen",
    )
)  # fmt: skip
"Its command line, and the frameworks that are not this one's."
DATABASE: Final = (
    "annotated_types", "orjson", "psycopg2", "pydantic", "pydantic_core", "sqlalchemy", "sqlmodel", "typing_extensions",
    "typing_inspection",
)  # fmt: skip
"What reads and writes load."
MIGRATIONS: Final = ("services/db/migrations", "services/db/migrate.py")
"An operator's, who has Alembic."

FUNCTIONS: Final[Mapping[str, Function]] = {
    "graphql": Function(
        product=("handler.py", "graph", "resolvers", "services"),
        without=(
            *OF_WRITES, *OF_STRAWBERRY, *MIGRATIONS, "dateutil/zoneinfo/*.tar.gz", "services/advice",
            "services/ingest", "services/maintenance",
            "packaging*",  # of a tracer of Strawberry's that nobody asks for
            "cross_web*",  # of views of Strawberry's: graph.endpoint is one of its own
            "idna*",  # of connections by name, of which anyio makes none here
        ),
        loads=(*DATABASE, "anyio", "dateutil", "graphql", "mangum", "msgspec", "six", "starlette", "strawberry"),
        zipped=15 * 1000 * 1000,
        unzipped=45 * MIB,
    ),
    "ingest": Function(
        product=("handler.py", "services"),
        without=(*OF_WRITES, *MIGRATIONS),
        loads=(*DATABASE, "dateutil", "numpy", "pandas", "six"),
    ),
    "insights": Function(
        product=("handler.py", "services"),
        without=(*OF_WRITES, *MIGRATIONS, "services/ingest", "services/maintenance"),
        loads=(*DATABASE, "anyio", "h11", "httpcore2", "httpx2", "idna", "jiter", "openai", "sniffio", "truststore"),
    ),
    "maintenance": Function(
        product=("handler.py", "services"),
        without=(*OF_WRITES, *MIGRATIONS, "services/ingest", "services/advice"),
        loads=DATABASE,
    ),
}  # fmt: skip
