-- name: demo_totals
-- What the demo's calls add up to.
SELECT
    count(*) AS calls,
    count(DISTINCT id) AS different_calls,
    count(*) FILTER (WHERE answered) AS answered,
    sum(duration) / 3600.0 AS hours
FROM datasets.calls

-- name: demo_calls_by_day
-- Calls per day, oldest first.
SELECT cast(start_time AS date) AS day, count(*) AS calls
FROM datasets.calls
GROUP BY 1
ORDER BY 1

-- name: demo_calls_by_source
-- The six sources with the most calls.
SELECT coalesce(source, '(none)') AS source, count(*) AS calls
FROM datasets.calls
GROUP BY 1
ORDER BY 2 DESC, 1
LIMIT 6
