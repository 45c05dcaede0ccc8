#!/bin/sh
# acme-client 5.4.0, the newest on 29 November 2026.
#
# When an authority does not answer, its requests are repeated `retryMaxAttempts` times (a setting of its documentation),
# and then one expects the reason: connection refused, an unknown host, a certificate that nobody knows. What comes is a
# TypeError of the library: the last step reads the status of an answer, and there is none. So whoever tells an operator
# why nothing was issued has nothing to tell. Its two interceptors taken out, the reason comes.
#
# Seen on 29 November 2026:
#   as it is: TypeError Cannot read properties of undefined (reading 'config')
#   without its interceptors: Error ECONNREFUSED
set -eu
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
cd "$at"
npm install --silent --no-audit --no-fund --ignore-scripts acme-client@5.4.0 >/dev/null
cat >ask.cjs <<'JS'
const acme = require('acme-client')
acme.axios.defaults.acmeSettings.retryMaxAttempts = 0
if (process.argv[2] === 'without') {
  acme.axios.interceptors.request.clear()
  acme.axios.interceptors.response.clear()
}
// Nobody listens on this port of loopback.
const client = new acme.Client({ directoryUrl: 'http://127.0.0.1:1/directory', accountKey: '' })
client.getTermsOfServiceUrl().catch(error => console.log(error.name, error.code ?? error.message))
JS
as_it_is=$(node ask.cjs)
without=$(node ask.cjs without)
echo "as it is: $as_it_is"
echo "without its interceptors: $without"
case "$as_it_is, $without" in
  "TypeError "*", "*ECONNREFUSED*) exit 0 ;;
esac
echo 'it is no longer so'
exit 1
