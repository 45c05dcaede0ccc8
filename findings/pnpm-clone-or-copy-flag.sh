#!/bin/sh
# pnpm 9.15.0 and 10.34.8; not any more in 12.21.0.
#
# The settings page of pnpm lists `clone-or-copy` for packageImportMethod, and says that pnpm takes its configuration from the
# command line too.
# Instead, `pnpm install --package-import-method=clone-or-copy` drops the value without a word, and the files are hard
# links into the store, as by default. `copy` is obeyed, and so is `--config.package-import-method=clone-or-copy`.
#
# Seen on 29 November 2026 (links of one installed file):
#   9.15.0 --package-import-method=clone-or-copy 2
#   9.15.0 --package-import-method=copy 1
#   9.15.0 --config.package-import-method=clone-or-copy 1
#   10.34.8 --package-import-method=clone-or-copy 2
#   10.34.8 --package-import-method=copy 1
#   10.34.8 --config.package-import-method=clone-or-copy 1
set -eu
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
cd "$at"
mkdir app home
echo '{ "name": "app", "dependencies": { "left-pad": "1.3.0" } }' >app/package.json
: >seen
for version in 9.15.0 10.34.8; do
  npm install --silent --no-audit --no-fund --no-save --prefix "pnpm-$version" "pnpm@$version"
  pnpm="$at/pnpm-$version/node_modules/.bin/pnpm"
  [ -f app/pnpm-lock.yaml ] || (cd app && HOME="$at/home" "$pnpm" install --lockfile-only >/dev/null)
  for flag in --package-import-method=clone-or-copy --package-import-method=copy \
    --config.package-import-method=clone-or-copy; do
    rm -rf app/node_modules
    # Without --config. the store has to be on the same file system for links to be possible: both lie in one folder here.
    (cd app && HOME="$at/home" "$pnpm" install --frozen-lockfile "$flag" >/dev/null)
    echo "$version $flag $(stat -c %h app/node_modules/left-pad/index.js)" >>seen
  done
done
cat seen
if [ "$(grep -c -- ' --package-import-method=clone-or-copy 2$' seen)" = 2 ] && [ "$(grep -c ' 1$' seen)" = 4 ]; then exit 0; fi
echo 'the flag is obeyed, or something else is not: the finding is out of date'
exit 1
