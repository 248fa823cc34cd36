"""Everything that commands load, loaded once; a command of a test is a copy of a process that has it."""

import gc
import importlib
import pkgutil

import aiohttp  # noqa: F401
import alembic.command  # noqa: F401
import duckdb  # noqa: F401
import pyarrow  # noqa: F401
import sqlalchemy.dialects.mysql
import sqlalchemy.dialects.postgresql  # noqa: F401

import trunkline

LEFT_OUT = ("trunkline.__main__", "trunkline.store.migrations.")

for module in pkgutil.walk_packages(trunkline.__path__, "trunkline."):
    if not module.name.startswith(LEFT_OUT):
        importlib.import_module(module.name)
gc.collect()
gc.freeze()
