CREATE SCHEMA IF NOT EXISTS datasets;
CREATE TABLE datasets.busy AS
SELECT 'CAL' || lpad(CAST(n AS VARCHAR), 12, '0') AS id,
       TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds(n) AS start_time,
       n % 900 AS seconds, CASE WHEN n % 3 = 0 THEN NULL ELSE 'note ' || n END AS note,
       'run' AS _run_id, TIMESTAMPTZ '2026-06-01 00:00:00+00' AS _loaded_at
FROM range($1) AS numbers (n)
