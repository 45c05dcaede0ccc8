#!/bin/sh
# libpg-query 18.1.5 (PostgreSQL's parser for Node.js). A linter wants to tell of names that PostgreSQL cuts after 63 bytes,
# and the parse tree is where names are. The tree has them cut already, so two different columns look like the same one, and
# nothing says so: the notice of PostgreSQL's scanner is not passed on. The tokens of scan() have the whole text.
# Seen on 2026-12-01:
#   names in the tree: 63 63 letters, equal: true
#   names in the tokens: 70 70 letters, equal: false
set -eu
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund libpg-query@18.1.5 >/dev/null
cat > show.mjs <<'JS'
import { loadModule, parseSync, scanSync } from 'libpg-query'
await loadModule()
const [one, two] = ['a', 'b'].map(end => 'n'.repeat(69) + end)
const sql = `create table t (${one} text, ${two} text)`
const tree = parseSync(sql).stmts[0].stmt.CreateStmt.tableElts.map(element => element.ColumnDef.colname)
const tokens = scanSync(sql).tokens.map(token => token.text).filter(text => text.startsWith('nnn'))
const say = (where, [a, b]) => console.log(`names in the ${where}: ${a.length} ${b.length} letters, equal: ${a === b}`)
say('tree', tree)
say('tokens', tokens)
JS
seen=$(node show.mjs)
echo "$seen"
[ "$seen" = "names in the tree: 63 63 letters, equal: true
names in the tokens: 70 70 letters, equal: false" ]
