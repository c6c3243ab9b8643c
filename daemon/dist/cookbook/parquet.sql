-- Hits as Parquet, one row a hit. seq names the record, so that a row leads back to the evidence.
COPY (SELECT seq, CAST(t AS TIMESTAMP_NS) AS t, class, platform, listing, merchant, title, hit.mark AS mark,
        hit.rule AS "rule", hit.stage AS stage, hit.field AS field, hit."from" AS "from", hit."to" AS "to",
        hit."text" AS "text"
    FROM (SELECT *, unnest(hits) AS hit
        FROM read_json(':feed', format = 'newline_delimited', maximum_object_size = 1048576,
            columns = {seq: 'BIGINT', kind: 'VARCHAR', t: 'VARCHAR', class: 'VARCHAR', platform: 'VARCHAR',
                listing: 'VARCHAR', merchant: 'VARCHAR', title: 'VARCHAR',
                hits: 'STRUCT(mark VARCHAR, "rule" VARCHAR, stage VARCHAR, field VARCHAR, "from" BIGINT, "to" BIGINT, "text" VARCHAR)[]'})
        WHERE kind = 'match')
    ORDER BY seq)
TO ':out' (FORMAT parquet, COMPRESSION zstd);
