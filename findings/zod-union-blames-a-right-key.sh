#!/bin/sh
# zod 4.6.7.
#
# A configuration may have a mapping in one of two strict forms, say an authority, or a certificate with its key. Of a
# value that lacks the key of the second form one expects a union's problem, with what each form says of it (`key` is
# missing). What comes is the problem of the first form alone, as if there were no union: "Unrecognized key: certificate",
# a key that is right. An unknown key does not end the check of a form, and a missing one does; a union takes the only
# form whose check came to its end for the one that was meant. So a reader who turns problems into words tells an
# operator that a right key is unknown.
#
# Seen on 29 November 2026:
#   one key of two: unrecognized_keys certificate
#   a wrong value: invalid_union -
set -eu
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund --ignore-scripts zod@4.6.7 >/dev/null
cat >ask.mjs <<'JS'
import { z } from 'zod'
const issued = z.strictObject({ authority: z.string().optional() })
const own = z.strictObject({ certificate: z.string(), key: z.string() })
const tls = z.union([issued, own])
const told = value => {
  const [{ code, keys = ['-'] }] = tls.safeParse(value).error.issues
  return `${code} ${keys.join(' ')}`
}
console.log(`one key of two: ${told({ certificate: '/etc/ssl/shop.pem' })}`)
console.log(`a wrong value: ${told({ authority: 1, certificate: 1 })}`)
JS
node ask.mjs | tee said
if grep -qx 'one key of two: unrecognized_keys certificate' said && grep -qx 'a wrong value: invalid_union -' said; then
  exit 0
fi
echo 'it is no longer so'
exit 1
