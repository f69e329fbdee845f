"""How Alembic reaches the database: by the URL that services.db.migrate hands over, in one transaction."""

from alembic import context
from sqlalchemy import create_engine, pool, text

url: str = context.config.attributes["url"]
engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://", 1), poolclass=pool.NullPool)

with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        # Two deployments at once: the second waits for the first and then finds nothing to do.
        connection.execute(text("select pg_advisory_xact_lock(727465736)"))
        context.run_migrations()
