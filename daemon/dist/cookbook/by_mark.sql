-- Matches and listings of each mark, by class.
SELECT hit.mark AS mark, class, count(*) AS matches, count(DISTINCT (platform, listing)) AS listings
FROM (SELECT class, platform, listing, unnest(hits) AS hit
    FROM read_json(':feed', format = 'newline_delimited', maximum_object_size = 1048576,
        columns = {kind: 'VARCHAR', class: 'VARCHAR', platform: 'VARCHAR', listing: 'VARCHAR',
            hits: 'STRUCT(mark VARCHAR)[]'})
    WHERE kind = 'match')
GROUP BY ALL
ORDER BY matches DESC, mark, class;
