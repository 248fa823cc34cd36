-- name: create_schema
-- A schema of ours.
CREATE SCHEMA IF NOT EXISTS {schema};

-- name: create_table
-- A dataset's table.
CREATE TABLE {table} ({columns});

-- name: create_temporary
-- Rows of one load that are too many for memory.
CREATE TEMPORARY TABLE {table} ({columns});

-- name: column_definition
-- One column of a table to be made.
{column} {type}

-- name: add_column
-- A column that came for the first time.
ALTER TABLE {table} ADD COLUMN {column} {type};

-- name: widen_column
-- A column whose values no longer fit its type.
ALTER TABLE {table} ALTER COLUMN {column} TYPE {type} USING CAST({column} AS {type});

-- name: mark_json
-- The text of this column is JSON.
COMMENT ON COLUMN {table}.{column} IS 'JSON';

-- name: mark_text
-- The text of this column is no longer always JSON.
COMMENT ON COLUMN {table}.{column} IS NULL;

-- name: table_columns @duckdb
-- Name, type and mark of a table's columns, in order.
SELECT column_name, data_type, comment
FROM duckdb_columns()
WHERE schema_name = $1 AND table_name = $2 AND database_name = current_database()
ORDER BY column_index;

-- name: table_columns @postgres
-- Name, type and mark of a table's columns, in order.
SELECT a.attname::text, format_type(a.atttypid, NULL), col_description(a.attrelid, a.attnum)
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname::text = $1 AND c.relname::text = $2 AND c.relkind IN ('r', 'p')
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum;

-- name: table_names
-- The tables of a schema.
SELECT CAST(table_name AS TEXT) FROM information_schema.tables
WHERE table_schema = $1 AND table_type = 'BASE TABLE'
ORDER BY table_name;

-- name: table_bytes @postgres
-- Table, indexes and long values together.
SELECT pg_total_relation_size(CAST($1 AS regclass));

-- name: has_index @postgres
-- How many indexes a table has.
SELECT count(*) FROM pg_indexes WHERE schemaname::text = $1 AND tablename::text = $2;

-- name: create_index @postgres
-- The index of a dataset's key; not unique, for snapshots of a directory may hold a key many times.
CREATE INDEX ON {table} ({columns});

-- name: count_rows
-- All rows of a table.
SELECT count(*) FROM {table};

-- name: has_rows
-- 1 when there is a row.
SELECT count(*) FROM (SELECT 1 AS one FROM {table} LIMIT 1) AS first_row;

-- name: drop_table
-- A dataset's table, or its staging table.
DROP TABLE IF EXISTS {table};

-- name: rename_table
-- A new name in the same schema.
ALTER TABLE {table} RENAME TO {name};

-- name: move_table @postgres
-- The same name in another schema.
ALTER TABLE {table} SET SCHEMA {schema};

-- name: all_columns
-- A whole dataset.
SELECT * FROM {table};

-- name: columns_of_datasets
-- All columns of all datasets; tables that are being built are among them.
SELECT table_name, column_name, data_type
  FROM information_schema.columns
 WHERE table_schema = 'datasets'
 ORDER BY table_name, ordinal_position;

-- name: begin
-- A transaction.
BEGIN TRANSACTION;

-- name: read_as_is @duckdb
-- A column of a result by its place, for names may stand twice.
#{place} AS {column}

-- name: read_as_text @duckdb
-- The same in DuckDB's own words.
CAST(#{place} AS VARCHAR) AS {column}

-- name: begin_read_only
-- A transaction that cannot write.
BEGIN TRANSACTION READ ONLY;

-- name: begin_snapshot @duckdb
-- A transaction that sees one moment, whatever is written meanwhile.
BEGIN TRANSACTION READ ONLY;

-- name: begin_snapshot @postgres
-- The first statement of a transaction that sees one moment, whatever is written meanwhile.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- name: server_version @duckdb
-- The version and the instant of the database.
SELECT version(), now();

-- name: server_version @postgres
-- The version and the instant of the database.
SELECT current_setting('server_version'), now();

-- name: commit
-- Keep.
COMMIT;

-- name: rollback
-- Forget.
ROLLBACK;

-- name: checkpoint @duckdb
-- Moves the write-ahead log into the file.
CHECKPOINT;

-- name: utc @duckdb
-- Instants are read and written as UTC on every connection.
SET GLOBAL TimeZone = 'UTC';

-- name: no_external_access @duckdb
-- No statement may read or write another file.
SET enable_external_access = false;

-- name: lock_configuration @duckdb
-- No statement may take that back.
SET lock_configuration = true;

-- name: find_in_datasets
-- Names without a schema are datasets.
SET search_path = 'datasets';

-- name: read_only_transaction @postgres
-- The first statement of a transaction that cannot write.
SET TRANSACTION READ ONLY;

-- name: is_superuser @postgres
-- Whether the role may do anything, and whether a reading role can be taken instead.
SELECT current_setting('is_superuser') = 'on'
   AND EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'pg_read_all_data');

-- name: plan_of @postgres
-- What a statement would read and call; it is not run.
EXPLAIN (VERBOSE, FORMAT JSON) {statement};

-- name: reading_role @postgres
-- A superuser reads as somebody who may read tables and nothing else.
SET LOCAL ROLE pg_read_all_data;

-- name: lock_name @postgres
-- One transaction at a time for a name.
SELECT CAST(pg_advisory_xact_lock(hashtextextended($1, 7463)) AS TEXT);

-- name: generous_memory @postgres
-- Wide rows are joined in memory instead of in files.
SET LOCAL work_mem = '64MB';
