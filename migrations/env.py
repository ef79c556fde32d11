"""Alembic's entry: runs on the engine that the site itself uses."""

from alembic import context

import campaigns.factory  # noqa: F401  (whoever imports everyone imports every table)
from campaigns.db import Base

with context.config.attributes["engine"].begin() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
