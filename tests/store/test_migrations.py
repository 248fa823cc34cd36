import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from tests.store.databases import fresh_database, settings_at
from tests.store.rows import add_one_of_each
from trunkline.access.tables import tokens
from trunkline.center.alerts.tables import channels, deliveries, incidents, watched_datasets
from trunkline.center.tables import accounts, datasets, grants, run_lines, runs, schedules
from trunkline.clickto.tables import activity, blocks, call_counts, calls, key_blocks, keys, legs
from trunkline.dialer.asterisk.tables import actions, managers
from trunkline.dialer.tables import Tables
from trunkline.errors import SettingsError
from trunkline.settings import Settings
from trunkline.store import tables
from trunkline.store.connection import Store, open_store
from trunkline.store.metadata import metadata
from trunkline.store.migrations import BASE, FOLDER, current, downgrade, migrate
from trunkline.store.queries import VERSION_TABLE
from trunkline.store.revisions import HEAD, REVISIONS

STORED = {
    *("accounts", "grants", "datasets", "schedules", "runs", "run_lines", "orders", "workers", "leases"),
    *("users", "sessions", "user_links", "audit_entries", "account_shares", "saved_queries"),
    "schema_versions",
    *("tokens", "kept_answers", "wrong_logins", "export_targets", "standing_exports"),
    *(tables.budget_accounts.name, tables.budget_spends.name),
    *(t.name for t in (blocks, keys, key_blocks, activity, calls, legs, call_counts)),
    *(t.name for t in (managers, actions)),
    *(t.name for t in (incidents, channels, deliveries, watched_datasets)),
}
DIALER = Tables().metadata
NAMES = STORED | set(DIALER.tables)


DROP_INDEX = {
    "sqlite": "DROP INDEX ix_datasets_account_id",
    "postgresql": "DROP INDEX ix_datasets_account_id",
    "mariadb": "ALTER TABLE accounts ENGINE = InnoDB",  # an index that a foreign key needs stays
}


def table_names(store: Store) -> set[str]:
    with store.read() as connection:
        return set(inspect(connection).get_table_names()) - {VERSION_TABLE}


def test_the_list_of_revisions_is_the_chain_of_migrations() -> None:
    from alembic.script import ScriptDirectory

    chain = [script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions()]
    assert chain[::-1] == list(REVISIONS)


def test_tables_after_migrating_are_those_the_rooms_declare(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with store.read() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        both: Any = [metadata, DIALER]  # a list is taken too, whatever the type says
        differences = compare_metadata(context, both)
    assert differences == []
    assert set(metadata.tables) == STORED
    assert table_names(store) == NAMES


def test_up_down_and_up_again_with_data(store: Store) -> None:
    for _ in range(2):
        with store.begin() as tx:
            add_one_of_each(tx)
        downgrade(store, BASE)
        assert table_names(store) == set()
        assert current(store) is None
        migrate(store)
        assert table_names(store) == NAMES
        assert current(store) == HEAD
    with store.read() as tx:
        tables_of_ours = (accounts, grants, datasets, schedules, run_lines, tokens)
        assert [tx.execute(select(t)).all() for t in tables_of_ours] == [[]] * 6


def test_migrating_what_is_up_to_date_changes_nothing(store: Store) -> None:
    with store.begin() as tx:
        add_one_of_each(tx)
    migrate(store)
    with store.read() as tx:
        assert len(tx.execute(select(runs)).all()) == 1


def test_a_migration_that_broke_off_can_be_repeated(database: Settings) -> None:
    """As MariaDB leaves it, which commits every step."""
    store = open_store(database)
    with store.begin() as tx:
        tx.execute(text("DROP TABLE run_lines"))
        tx.execute(text("DROP TABLE runs"))
        tx.execute(text(f"DELETE FROM {VERSION_TABLE}"))
        tx.execute(text(DROP_INDEX[store.dialect]))
    migrate(store)
    assert table_names(store) == NAMES
    assert current(store) == HEAD
    store.close()


def test_a_store_can_be_opened_without_migrating(database: Settings) -> None:
    store = open_store(database, migrate=False)
    assert table_names(store) == set()
    assert current(store) is None
    store.close()


def test_a_database_of_a_newer_version_is_refused(database: Settings) -> None:
    store = open_store(database)
    with store.begin() as tx:
        tx.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    store.close()
    for migrating in (True, False):
        with pytest.raises(SettingsError, match=r"made by a newer version of Trunkline \(tables 9999"):
            open_store(database, migrate=migrating)


OPENS = """
import sys
from pathlib import Path
from trunkline.settings import load_settings
from trunkline.store.connection import open_store
settings = load_settings(Path(sys.argv[1]), {"TRUNKLINE_STORE_URL": sys.argv[2]})
sys.stdin.readline()
open_store(settings).close()
"""


def test_processes_that_start_together_migrate_once(kind: str, tmp_path: Path) -> None:
    with fresh_database(kind, tmp_path / "home") as database:
        command = [sys.executable, "-c", OPENS, str(database.home), database.text("store_url")]
        started = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        for process in started:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate()[1] for process in started]
        assert said == [""] * 4
        store = open_store(settings_at(database.home, database.text("store_url")), migrate=False)
        assert current(store) == HEAD
        store.close()


def test_beside_a_running_dialer_its_tables_are_left_alone(database: Settings) -> None:
    """Some of them have the names of ours."""
    store = open_store(database, migrate=False)
    others = {
        "vicidial_users",
        "vicidial_user_groups",
        "vicidial_campaigns",
        "vicidial_lists_fields",
        "phones",
    }
    with store.begin() as tx:
        for name in others:
            tx.execute(text(f"CREATE TABLE {name} (id INTEGER)"))
    migrate(store)
    assert table_names(store) == STORED | others
    downgrade(store, BASE)
    assert table_names(store) == others
    store.close()
