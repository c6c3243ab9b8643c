-- The same hits, read back.
SELECT seq, CAST(t AS VARCHAR) AS t, class, listing, mark, "text" FROM read_parquet(':feed') ORDER BY seq, "from";
