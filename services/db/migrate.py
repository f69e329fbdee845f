"""Brings a database to the newest schema: `python -m services.db.migrate`, on the direct URL, safe to repeat."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from services import settings


def upgrade(url: str, revision: str = "head") -> None:
    """Run every migration that the database at `url` has not seen yet."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    command.upgrade(config, revision)


if __name__ == "__main__":
    upgrade(settings.from_environment().database_url_direct)
