-- name: make_database
CREATE DATABASE {0};
-- name: drop_database
DROP DATABASE {0} WITH (FORCE);
-- name: everything
SELECT * FROM {0};
-- name: everything_of_datasets
SELECT * FROM datasets.{0};
-- name: one_note
SELECT note FROM calls WHERE id = $1;
-- name: numbers
SELECT n, n * 2 AS double FROM generate_series(1, 10000) AS t(n);
-- name: two_alike
SELECT 1 AS id, 2 AS id, 'x' AS text;
-- name: commented
SELECT 1 AS one -- and only;
-- name: two_statements
SELECT 1; DROP TABLE calls;
-- name: bracket_escape
SELECT 1) TO STDOUT; DROP TABLE datasets.calls; COPY (SELECT 1;
-- name: mistake
SELECT nothing_of_that_name FROM calls;
-- name: write_insert
INSERT INTO calls (id) VALUES ('x');
-- name: write_update
UPDATE calls SET note = 'x';
-- name: write_delete
DELETE FROM calls;
-- name: write_drop
DROP TABLE datasets.calls;
-- name: write_create
CREATE TABLE datasets.mine (a INTEGER);
-- name: write_create_from
CREATE TABLE mine AS SELECT * FROM calls;
-- name: write_with
WITH gone AS (DELETE FROM calls RETURNING id) SELECT * FROM gone;
-- name: write_explained
EXPLAIN ANALYZE DELETE FROM calls;
-- name: write_copy
COPY (SELECT 1) TO '/tmp/trunkline-written-by-a-query';
-- name: write_copy_program
COPY (SELECT 1) TO PROGRAM 'cat';
-- name: read_file_duckdb
SELECT * FROM read_csv('/etc/passwd');
-- name: read_text_duckdb
SELECT * FROM read_text('/etc/passwd');
-- name: read_path_duckdb
SELECT * FROM '/etc/passwd';
-- name: read_glob_duckdb
SELECT * FROM glob('/etc/*');
-- name: attach_duckdb
ATTACH '/tmp/trunkline-other.duckdb' AS other;
-- name: install_duckdb
INSTALL httpfs;
-- name: setting_duckdb
SET enable_external_access = true;
-- name: pragma_duckdb
PRAGMA enable_external_access;
-- name: read_file_postgres
SELECT pg_read_file('/etc/passwd');
-- name: become_writer_postgres
SELECT set_config('transaction_read_only', 'off', true);
-- name: set_writer_postgres
SET TRANSACTION READ WRITE;
-- name: null_function_postgres
SELECT nextval('pg_catalog.no_such');
-- name: a_view
CREATE VIEW public.mine AS SELECT id FROM datasets.calls;
-- name: the_view
SELECT id FROM public.mine;
-- name: foreign_type
ALTER TABLE datasets.calls ADD COLUMN odd DECIMAL(10, 2);
-- name: sort_of_json
SELECT id, tags FROM calls;
-- name: one_value
SELECT 1 AS n, VALUE AS x;
-- name: from_table
SELECT * FROM TABLE;
-- name: near_column
SELECT strted_at FROM calls;
-- name: slip
SELECT 1
FROM calls wher x;
-- name: wrong_value
SELECT CAST('checksum' AS INTEGER);
-- name: no_function
SELECT foo(1);
-- name: no_operator
SELECT 1 FROM calls WHERE id = 1;
-- name: divided
SELECT 1 / 0;
-- name: late_division
SELECT 1 / (5000 - n) FROM generate_series(1, 10000) AS t(n);
-- name: colon
SELECT CAST('a: b: c' AS INTEGER);
-- name: hidden_by_alias
SELECT calls.id FROM calls AS c;
-- name: selct
selct 1;
