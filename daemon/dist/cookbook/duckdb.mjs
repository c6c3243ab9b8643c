// node duckdb.mjs QUERY.sql FEED [OUT]: runs the query with FEED (a file or pattern) in the place of :feed
// and OUT in that of :out, and prints each row as a line of JSON.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

const [query, feed, out = ''] = process.argv.slice(2);
// beside where it is called, too: a cookbook has no node_modules of its own
const require = createRequire(pathToFileURL(process.cwd() + '/'));
const {DuckDBInstance} = require('@duckdb/node-api');
const quoted = (text) => text.replaceAll("'", "''");

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const sql = readFileSync(query, 'utf8').replaceAll(':feed', quoted(feed)).replaceAll(':out', quoted(out));
const reader = await connection.runAndReadAll(sql);
for (const row of reader.getRowObjectsJson())
    console.log(JSON.stringify(row));
