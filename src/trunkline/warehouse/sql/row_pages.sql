-- name: row_page
-- Rows of a dataset in the order of some columns or of their digest, a page at a time.
SELECT {columns}, {marks}
FROM {table} AS one_row {where}
ORDER BY {order}
LIMIT {limit} OFFSET {offset};

-- name: row_page_after
-- Only those that follow the last row of the page before.
WHERE ({order}) {sign} ({values});

-- name: row_mark
-- What a page is continued by.
CAST({value} AS TEXT) AS {name};

-- name: row_marked
-- The same, as it comes back.
CAST({place} AS {type});

-- name: row_digest @duckdb
-- Tells rows apart that have no key.
md5(CAST(one_row AS TEXT));

-- name: row_digest @postgres
-- Tells rows apart that have no key.
md5(CAST(one_row.* AS TEXT));
