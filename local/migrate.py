"""`python -m local migrate`: the configured database, or the embedded one, brought to the newest schema."""

from local import supervisor
from local.options import Options
from local.postgres import Postgres
from services import settings, wiring
from services.db.migrate import upgrade


def run(chosen: Options) -> int:
    """Migrate; safe to repeat. Raises Unavailable while `make run` holds the embedded database."""
    url = wiring.revealed(settings.from_environment().database_url_direct)
    if url:
        upgrade(url)
        print("the database is at the newest schema")
        return 0
    with supervisor.alone(chosen), Postgres(chosen.data_dir / "postgres") as server:
        upgrade(server.url)
    print(f"the database in {chosen.data_dir} is at the newest schema")
    return 0
