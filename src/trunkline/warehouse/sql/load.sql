-- name: wanted
-- The last row of each key that came.
CREATE TEMPORARY TABLE trunkline_wanted AS
SELECT max(i.{row}) AS _row, {keys} FROM {incoming} AS i GROUP BY {groups};

-- name: named
-- A value under a column's name.
{value} AS {column}

-- name: incoming_value
-- A column as it came.
i.{column}

-- name: incoming_cast
-- A column as it came, in the type that is stored.
CAST(i.{column} AS {type})

-- name: stored_value
-- A column that did not come keeps its value.
t.{column}

-- name: nothing
-- A column that did not come becomes null.
CAST(NULL AS {type})

-- name: measure @postgres
-- The planner knows nothing of a table just made.
ANALYZE {table};

-- name: same_key
-- One column of the join by key.
t.{column} = w.{column}

-- name: differs
-- One column of the comparison.
t.{column} IS DISTINCT FROM {value}

-- name: matched
-- Where the keys that came are already.
CREATE TEMPORARY TABLE trunkline_matched AS
SELECT w._row AS _row, t.{place} AS _place
FROM trunkline_wanted AS w JOIN {table} AS t ON {same_key};

-- name: count_matched @duckdb
-- How many of the keys that came are there already, and between which places.
SELECT count(DISTINCT _row), min(_place), max(_place) FROM trunkline_matched;

-- name: count_matched @postgres
-- How many of the keys that came are there already; places need no bounds here.
SELECT count(DISTINCT _row), 0, 0 FROM trunkline_matched;

-- name: changed @duckdb
-- Rows whose values differ; the bounds spare the scan of a whole table.
CREATE TEMPORARY TABLE trunkline_changed AS
SELECT m._row AS _row, min(m._place) AS _place
FROM {table} AS t
JOIN trunkline_matched AS m ON t.{place} = m._place
JOIN {incoming} AS i ON i.{row} = m._row
WHERE t.{place} >= {first} AND t.{place} <= {last} AND ({differs})
GROUP BY m._row;

-- name: changed @postgres
-- Rows whose values differ.
CREATE TEMPORARY TABLE trunkline_changed AS
SELECT m._row AS _row, min(m._place) AS _place
FROM {table} AS t
JOIN trunkline_matched AS m ON t.{place} = m._place
JOIN {incoming} AS i ON i.{row} = m._row
WHERE {differs}
GROUP BY m._row;

-- name: insert_all
-- Every row that came is new.
INSERT INTO {table} ({columns}, "_run_id", "_loaded_at")
SELECT {values}, CAST($1 AS TEXT), CAST($2 AS TIMESTAMP WITH TIME ZONE)
FROM {incoming} AS i;

-- name: insert_last
-- Every key that came is new; of equal ones the last row counts.
INSERT INTO {table} ({columns}, "_run_id", "_loaded_at")
SELECT {values}, CAST($1 AS TEXT), CAST($2 AS TIMESTAMP WITH TIME ZONE)
FROM {incoming} AS i
WHERE i.{row} IN (SELECT _row FROM trunkline_wanted);

-- name: insert_missing
-- The keys that are not there yet.
INSERT INTO {table} ({columns}, "_run_id", "_loaded_at")
SELECT {values}, CAST($1 AS TEXT), CAST($2 AS TIMESTAMP WITH TIME ZONE)
FROM {incoming} AS i
WHERE i.{row} IN (
    SELECT w._row FROM trunkline_wanted AS w
    WHERE NOT EXISTS (SELECT 1 FROM trunkline_matched AS m WHERE m._row = w._row)
);

-- name: insert_changed
-- The new state of rows that differ; the old one goes next.
INSERT INTO {table} ({columns}, "_run_id", "_loaded_at")
SELECT {values}, CAST($1 AS TEXT), CAST($2 AS TIMESTAMP WITH TIME ZONE)
FROM trunkline_changed AS c
JOIN {incoming} AS i ON i.{row} = c._row
JOIN {table} AS t ON t.{place} = c._place;

-- name: delete_changed
-- The old state of rows that differ.
DELETE FROM {table} WHERE {place} IN (
    SELECT m._place FROM trunkline_matched AS m
    JOIN trunkline_changed AS c ON c._row = m._row
);

-- name: of_instants
-- Rows of a window's days, by an instant.
((t.{cursor} >= $1 AND t.{cursor} < $2) OR (t."_day" >= $3 AND t."_day" <= $4))

-- name: of_days
-- Rows of a window's days, by a date.
((t.{cursor} >= $1 AND t.{cursor} <= $2) OR (t."_day" >= $1 AND t."_day" <= $2))

-- name: of_stored_days
-- Rows of a window's days where nothing but the window tells them.
(t."_day" >= $1 AND t."_day" <= $2)

-- name: of_all
-- Every row.
TRUE

-- name: count_in_scope
-- Rows that a window replaces.
SELECT count(*) FROM {table} AS t WHERE {scope};

-- name: delete_in_scope
-- Rows that a window replaces.
DELETE FROM {table} AS t WHERE {scope};

-- name: count_gone
-- Rows that a window replaces and whose key did not come.
SELECT count(*) FROM {table} AS t WHERE {scope}
AND NOT EXISTS (SELECT 1 FROM trunkline_matched AS m WHERE m._place = t.{place});

-- name: delete_gone
-- Rows that a window replaces and whose key did not come.
DELETE FROM {table} AS t WHERE {scope}
AND NOT EXISTS (SELECT 1 FROM trunkline_matched AS m WHERE m._place = t.{place});

-- name: append_ingested @duckdb
-- Arrow rows into a temporary table.
INSERT INTO {table} ({columns}) SELECT {columns} FROM {incoming};

-- name: compare_generations @duckdb
-- Keys in both tables, and how many of those rows differ; by hashes, nine times faster than by long keys.
SELECT count(*), count(*) FILTER (WHERE o._print <> n._print)
FROM (SELECT hash({old_key}) AS _key, hash({old_columns}) AS _print FROM {old} AS t) AS o
JOIN (SELECT hash({new_key}) AS _key, hash({new_columns}) AS _print FROM {new} AS t) AS n ON o._key = n._key;

-- name: stored_cast
-- A column in the type that it has in the other generation.
CAST(t.{column} AS {type})
