-- name: create_loads
-- One row per transaction that changed a dataset.
CREATE TABLE IF NOT EXISTS trunkline_warehouse.loads (
    dataset TEXT NOT NULL, run_id TEXT NOT NULL, action TEXT NOT NULL, method TEXT NOT NULL,
    generation TEXT NOT NULL, days TEXT NOT NULL, rows_read BIGINT NOT NULL, inserted BIGINT NOT NULL,
    updated BIGINT NOT NULL, deleted BIGINT NOT NULL, unchanged BIGINT NOT NULL, duplicates BIGINT NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE NOT NULL
);

-- name: create_progress
-- How far each dataset is, in the words of the Data Center.
CREATE TABLE IF NOT EXISTS trunkline_warehouse.progress (
    dataset TEXT NOT NULL, progress TEXT NOT NULL, run_id TEXT NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE NOT NULL
);

-- name: create_staged
-- Replaces that are being built.
CREATE TABLE IF NOT EXISTS trunkline_warehouse.staged (
    dataset TEXT NOT NULL, generation TEXT NOT NULL, progress TEXT NOT NULL
);

-- name: create_holders
-- The run that may change a dataset: the one that began last.
CREATE TABLE IF NOT EXISTS trunkline_warehouse.holders (
    dataset TEXT NOT NULL, run_id TEXT NOT NULL
);

-- name: get_holder
-- Who may change a dataset.
SELECT run_id FROM trunkline_warehouse.holders WHERE dataset = $1;

-- name: delete_holder
-- Makes room for the next, and a dropped dataset has none.
DELETE FROM trunkline_warehouse.holders WHERE dataset = $1;

-- name: add_holder
-- From now on only this run may change the dataset.
INSERT INTO trunkline_warehouse.holders (dataset, run_id) SELECT CAST($1 AS TEXT), CAST($2 AS TEXT);

-- name: rename_holders
-- A run under way goes on under the new name.
UPDATE trunkline_warehouse.holders SET dataset = $2 WHERE dataset = $1;

-- name: add_load
-- The record of this transaction.
INSERT INTO trunkline_warehouse.loads
    (dataset, run_id, action, method, generation, days,
     rows_read, inserted, updated, deleted, unchanged, duplicates, loaded_at)
SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT),
       CAST($6 AS TEXT), CAST($7 AS BIGINT), CAST($8 AS BIGINT), CAST($9 AS BIGINT), CAST($10 AS BIGINT),
       CAST($11 AS BIGINT), CAST($12 AS BIGINT), CAST($13 AS TIMESTAMP WITH TIME ZONE);

-- name: count_same_loads
-- Whether this very window of this run was loaded before.
SELECT count(*) FROM trunkline_warehouse.loads
WHERE dataset = $1 AND run_id = $2 AND action = $3 AND generation = $4 AND days = $5;

-- name: count_staged_windows
-- Whether this window of a replace was staged before, by whichever run.
SELECT count(*) FROM trunkline_warehouse.loads
WHERE dataset = $1 AND action = 'stage' AND generation = $2 AND days = $3;

-- name: count_swaps
-- Whether this replace was finished before.
SELECT count(*) FROM trunkline_warehouse.loads
WHERE dataset = $1 AND action = 'swap' AND generation = $2;

-- name: last_loads
-- The newest records of a dataset.
SELECT dataset, run_id, action, method, generation, days,
       rows_read, inserted, updated, deleted, unchanged, duplicates, loaded_at
FROM trunkline_warehouse.loads
WHERE dataset = $1
ORDER BY loaded_at DESC, days DESC
LIMIT {limit};

-- name: loads_of_run
-- The records of one run, oldest first.
SELECT dataset, run_id, action, method, generation, days,
       rows_read, inserted, updated, deleted, unchanged, duplicates, loaded_at
FROM trunkline_warehouse.loads
WHERE dataset = $1 AND run_id = $2
ORDER BY loaded_at, days;

-- name: get_progress
-- How far a dataset is.
SELECT progress FROM trunkline_warehouse.progress WHERE dataset = $1;

-- name: delete_progress
-- Makes room for the next.
DELETE FROM trunkline_warehouse.progress WHERE dataset = $1;

-- name: add_progress
-- How far a dataset is now.
INSERT INTO trunkline_warehouse.progress (dataset, progress, run_id, loaded_at)
SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TIMESTAMP WITH TIME ZONE);

-- name: get_staged
-- The replace that is being built.
SELECT generation, progress FROM trunkline_warehouse.staged WHERE dataset = $1;

-- name: staged_names
-- Datasets whose replacement is being built.
SELECT dataset FROM trunkline_warehouse.staged;

-- name: empty_records
-- Makes room for the records of another warehouse.
DELETE FROM {table};

-- name: delete_staged
-- No replace is being built.
DELETE FROM trunkline_warehouse.staged WHERE dataset = $1;

-- name: add_staged
-- How far a replace is.
INSERT INTO trunkline_warehouse.staged (dataset, generation, progress)
SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT);

-- name: delete_loads
-- A dropped dataset has no history.
DELETE FROM trunkline_warehouse.loads WHERE dataset = $1;

-- name: rename_loads
-- History follows the name.
UPDATE trunkline_warehouse.loads SET dataset = $2 WHERE dataset = $1;

-- name: rename_progress
-- Progress follows the name.
UPDATE trunkline_warehouse.progress SET dataset = $2 WHERE dataset = $1;

-- name: rename_staged
-- A replace that is being built follows the name.
UPDATE trunkline_warehouse.staged SET dataset = $2 WHERE dataset = $1;
