-- name: table_sizes @duckdb
-- How many rows each dataset has, as the catalogue knows it without counting.
SELECT table_name, estimated_size FROM duckdb_tables()
WHERE schema_name = $1 AND database_name = current_database();

-- name: table_sizes @postgres
-- How many rows each dataset had when the server last looked; none before that.
SELECT c.relname::text, c.reltuples::bigint FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname::text = $1 AND c.relkind IN ('r', 'p') AND c.reltuples >= 0;

-- name: page_of_rows
-- Some rows of a dataset, with what the next page begins after.
SELECT {columns}, {sorted} AS "_sorted", {place} AS "_place"
FROM {table}
{where}
ORDER BY {order}
LIMIT {limit};

-- name: copied_select
-- The same rows for a person's own statement.
SELECT * FROM {table}
{where}
{order};

-- name: where
-- What rows must fulfil.
WHERE {conditions}

-- name: ordered_by
-- The order of a person's own statement.
ORDER BY {order}

-- name: order_of_place @duckdb
-- The order in which rows lie.
rowid ASC

-- name: order_of_place @postgres
-- The order in which rows lie.
ctid ASC

-- name: order_up
-- A column, smallest first; what is missing comes last.
{column} ASC NULLS LAST

-- name: order_down
-- A column, greatest first; what is missing comes last.
{column} DESC NULLS LAST

-- name: place_of_row @duckdb
-- Where a row lies: no two lie in the same place.
CAST(rowid AS VARCHAR)

-- name: place_of_row @postgres
-- Where a row lies: no two lie in the same place.
ctid::text

-- name: after_place @duckdb
-- Rows that lie after another.
rowid > CAST({value} AS BIGINT)

-- name: after_place @postgres
-- Rows that lie after another.
ctid > CAST({value} AS tid)

-- name: after_value_up
-- What comes after a row in rising order.
({column} > CAST({value} AS {type}) OR ({column} = CAST({value} AS {type}) AND {after}) OR {column} IS NULL)

-- name: after_value_down
-- What comes after a row in falling order.
({column} < CAST({value} AS {type}) OR ({column} = CAST({value} AS {type}) AND {after}) OR {column} IS NULL)

-- name: after_missing
-- What comes after a row without a value.
({column} IS NULL AND {after})

-- name: nothing_sorted
-- Without an order of its own there is no value.
NULL

-- name: value_as_text
-- A value as it can be given back.
CAST({column} AS TEXT)

-- name: filter_is
-- The column has this value.
{column} = CAST({value} AS {type})

-- name: filter_contains
-- The text of the column holds this, in large or small letters.
position(lower(CAST({value} AS TEXT)) IN lower(CAST({column} AS TEXT))) > 0

-- name: filter_from
-- The column has this value or a greater one.
{column} >= CAST({value} AS {type})

-- name: filter_to
-- The column has this value or a smaller one.
{column} <= CAST({value} AS {type})

-- name: filter_empty
-- The column has no value.
{column} IS NULL

-- name: filter_filled
-- The column has a value.
{column} IS NOT NULL

-- name: column_profile @duckdb
-- What a column holds.
SELECT count(*), count({column}), approx_count_distinct({column}), CAST(min({column}) AS TEXT), CAST(max({column}) AS TEXT)
FROM {table};

-- name: column_profile @postgres
-- What a column holds.
SELECT count(*), count({column}), count(DISTINCT {column}), CAST(min({column}) AS TEXT), CAST(max({column}) AS TEXT)
FROM {table};

-- name: yes_no_profile
-- What a column of yes and no holds.
SELECT count(*), count({column}), count(DISTINCT {column}), min(CAST({column} AS TEXT)), max(CAST({column} AS TEXT))
FROM {table};

-- name: common_values
-- The values that most rows have.
SELECT CAST({column} AS TEXT), count(*) FROM {table} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {limit};

-- name: filled_counts
-- Of how many rows each column has a value.
SELECT count(*), {counts} FROM {table};

-- name: filled_count
-- Of how many rows a column has a value.
count({column})

-- name: sampled
-- A tenth of a large table, in blocks.
{table} TABLESAMPLE SYSTEM (10)
