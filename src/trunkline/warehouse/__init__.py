"""Dataset tables: engines (DuckDB, PostgreSQL), loading, reading, export."""
