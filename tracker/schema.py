"""The version of the database's tables. Migrations bring them up to this version of the program, forwards only."""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from tracker.accounts import model as accounts
from tracker.accounts import sign_in_tickets
from tracker.config import ROOT
from tracker.database import Base, Database
from tracker.orders import model as orders
from tracker.orders.operations import placement, share_links
from tracker.upstream import notice

METADATA = Base.metadata
MODULES_WITH_TABLES = (accounts, sign_in_tickets, orders, placement, share_links, notice)


def migrate(database: Database) -> None:
    """Bring the tables up to this version and keep their rows. If they are up to date, change nothing."""
    with database.migration_transaction() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_up_to_date(database: Database) -> bool:
    """Return whether the tables are those that this version of the program expects."""
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_heads()
    return set(current) == _heads()


@cache
def _heads() -> frozenset[str]:
    """Return the newest revisions among the migrations. They are cached, because finding them is slow."""
    return frozenset(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "tracker" / "migrations").replace("%", "%%"))
    return config
