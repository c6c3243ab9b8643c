-- A row a match: when, what, whose.
SELECT t, class, platform, listing, merchant, title, hits[1].mark AS mark, hits[1].text AS text
FROM read_json(':feed', format = 'newline_delimited', union_by_name = true, maximum_object_size = 1048576,
    columns = {kind: 'VARCHAR', t: 'VARCHAR', class: 'VARCHAR', platform: 'VARCHAR', listing: 'VARCHAR',
        merchant: 'VARCHAR', title: 'VARCHAR', hits: 'STRUCT(mark VARCHAR, "text" VARCHAR)[]'})
WHERE kind = 'match'
ORDER BY t;
