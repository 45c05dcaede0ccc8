import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LARGEST_HEADERS_KB } from './conf.ts'
import { UNBELIEVED } from './headers.ts'
import { MOST_AT_ONCE, PATIENCE } from './limits.ts'

/** What the edge does not pass on unchanged. `name` is unique: `table.test.ts` asks the real nginx for each of them. */
export interface Row {
  name: string
  does: string
}

const code = (text: string): string => `\`${text}\``

const FROM_VISITORS: Row[] = [
  {
    name: '`Connection`, `Keep-Alive`, `TE`',
    does: 'left out: the edge has connections of its own to the app',
  },
  {
    name: '`Upgrade`',
    does: 'passed on for WebSockets; any other is left out, and the request goes on without',
  },
  {
    name: '`Accept-Encoding` of who opens a page, with `vitals`',
    does: 'left out: the edge reads the page, and compresses it',
  },
  { name: '`Expect: 100-continue`', does: 'answered by the edge; the app does not see it' },
  { name: '`Cookie`', does: "without the cookies of Innkeeper's dashboard" },
  {
    name: '`X-Request-Id`',
    does: 'passed on when it has up to 128 letters, digits, `.`, `_`, `:` and `-`; else a new one',
  },
  {
    name: "`X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`, `X-Real-IP`, at a site's own port",
    does: 'believed, because only a web server on this machine can ask there; the address is added to `X-Forwarded-For`; missing ones are made',
  },
  {
    name: '`X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`, `X-Forwarded-Port`, `X-Real-IP`, at the public port',
    does: 'made anew from the connection',
  },
  {
    name: 'the same, at the public port, from an address among `trustedProxies`',
    does: 'believed: `X-Forwarded-For` and `X-Real-IP` are the last address in it that is none of them; of the others the last value, where it is one that a proxy writes',
  },
  {
    name: UNBELIEVED.map(code).join(', '),
    does: 'left out: a visitor wrote them, and some frameworks believe them',
  },
  { name: 'a name with `_` or another letter than A to Z, digits and `-`', does: 'left out' },
  { name: '`Transfer-Encoding: chunked`', does: 'the body arrives with a `Content-Length`' },
  { name: 'two `Host`, or `Content-Length` beside `Transfer-Encoding`', does: '400' },
]

const FROM_APPS: Row[] = [
  { name: '`Server`, `Date`', does: "the edge's own" },
  { name: '`X-Accel-Redirect` and every `X-Accel-…`', does: 'left out, and not followed' },
  { name: '`Connection`, `Keep-Alive`, `Transfer-Encoding`', does: 'of the connection to the visitor' },
  {
    name: '`Content-Length`, `ETag`, `Vary`',
    does: 'of an answer that the edge compresses: left out, made weak, `Accept-Encoding` added',
  },
  { name: '`Set-Cookie`', does: 'with `affinity: cookie`, one more: `inn-APP-SERVICE`' },
  {
    name: '`X-Content-Type-Options`, `X-Frame-Options`, `Referrer-Policy`, and what `headers` names',
    does: 'added where the app sends none; no `X-Frame-Options` beside a `Content-Security-Policy` with `frame-ancestors`',
  },
  {
    name: '`Access-Control-Allow-Origin`, with `cors`',
    does: 'added for its origins where the app sends none, with `Vary: Origin`; a preflight of theirs is answered with 204',
  },
  {
    name: '`Content-Length`, `ETag`, `Accept-Ranges` of a page that gets a `<script>`',
    does: 'left out, made weak, left out',
  },
  { name: 'trailers', does: 'left out' },
]

const METHODS: Row[] = [
  { name: '`TRACE`, `CONNECT`', does: '405, 400' },
  { name: 'a method in small letters', does: '400' },
  { name: 'all but `GET` and `HEAD`, to a static service', does: '405' },
  {
    name: '`HEAD`, to a release that was seen to send interim answers',
    does: 'asked as `GET`; the body is left out',
  },
  {
    name: '`POST`, `PATCH`, when an instance ends with the request in its hands',
    does: '502; any other method is sent to another instance',
  },
]

const STATUSES: Row[] = [
  { name: '100, 102, 103 and every other 1xx but 101', does: 'left out; the answer after it is passed on' },
  {
    name: '404 to a GET below `/_next/static/`, `/_nuxt/`, `/_app/immutable/`, `/_astro/`, or of a hashed name below `/assets/`, `/build/`, `/static/`',
    does: 'for the time of `warm` after a switch the side before is asked',
  },
  {
    name: '500, 502, 503, 504 to a repeatable request',
    does: 'while a switch is watched the side before is asked, and it counts as a failure',
  },
  {
    name: 'no answer',
    does: '502, or 504 after `timeout`, with a page of the edge; `inn logs APP` says what the edge saw',
  },
  {
    name: 'no instance',
    does: '503, and 503 with `Retry-After` when a singleton is replaced for longer than 30 s',
  },
  { name: 'a name that no app has', does: '421' },
  {
    name: 'a visitor whom `deny` names, or `allow` does not',
    does: "403; the visitor is who connects, or whom a proxy among `trustedProxies`, or a web server at the site's own port, speaks of",
  },
  {
    name: 'a visitor of a site that is closed for maintenance',
    does: "503 with `Retry-After` and its text; named addresses get in, and a program of this machine that asks for itself at the site's own port",
  },
  {
    name: 'a path that `blocked` has, however it is written',
    does: "404; without the key `/metrics`, and `.git…`, `.env…` and their like anywhere; answered at the site's own port to a program of this machine that asks for itself",
  },
  {
    name: 'a name that `redirects` has',
    does: '308 to the other name, with the same path',
  },
  {
    name: '502, 503 and 504 of the edge, with `errorPages`',
    does: "the app's own page, where `Accept` does not ask for JSON",
  },
  {
    name: 'a visitor without the name and password of `basicAuth`',
    does: '401 with `WWW-Authenticate`; `Authorization` is passed on to the app',
  },
  {
    name: 'more requests of one visitor than `rateLimit` says',
    does: '429 with `Retry-After`; an IPv6 network (`/64`) is one visitor',
  },
  {
    name: 'the path `/.innkeeper/unread`',
    does: '404: it is the place of the page for requests that could not be read',
  },
  {
    name: '`/.innkeeper/vitals.js` and `/.innkeeper/vitals`, of an app with `vitals`',
    does: 'the script, kept for ever; and where it sends numbers: 204, 413 above 4 KB, 429 above 60 a minute of one visitor',
  },
  {
    name: '`/.well-known/innkeeper/hooks/` with 24 letters and digits',
    does: "to the keeper, which verifies who signed it (previews.md): the body up to 5 MB, the provider's own headers, and nothing else; 405 for another method than POST; over plain HTTP only where this server has no port for TLS",
  },
  {
    name: 'the domain of a status page, and `/.well-known/innkeeper/status/` at the port of its app',
    does: 'files that the keeper wrote (status-page.md), without the app: `/`, `/feed.xml` and `/status.json`; `/subscribe`, `/confirm` and `/unsubscribe` go to the keeper with the form and the token alone, 10 a minute of one visitor; 404 for all else',
  },
  {
    name: 'whatever the edge refuses by itself',
    does: 'a page, or JSON where `Accept` asks for JSON and not for HTML',
  },
]

const BOUNDS: Row[] = [
  { name: 'the first line of a request', does: `414 above ${LARGEST_HEADERS_KB} KB` },
  {
    name: 'one header of a request',
    does: `431 above ${LARGEST_HEADERS_KB} KB; Node.js itself answers 431 above 16 KB in all`,
  },
  { name: 'all headers of a request', does: `431 above four times ${LARGEST_HEADERS_KB} KB` },
  { name: 'all headers of an answer', does: `502 above ${LARGEST_HEADERS_KB} KB` },
  { name: 'the body of a request', does: '413 above `maxBody`' },
  {
    name: 'the head of a request, or a handshake, that comes in drops',
    does: `the connection ends after ${PATIENCE.head} s`,
  },
  {
    name: 'a pause within the body of a request, or of a visitor who does not take an answer',
    does: `the connection ends after ${PATIENCE.pause} s`,
  },
  {
    name: 'requests of one visitor under way at once, at the public ports, of all apps',
    does: `429 with \`Retry-After\` above ${MOST_AT_ONCE}; an IPv6 network (\`/64\`) is one visitor`,
  },
  {
    name: 'waiting for an answer, and between two parts of it',
    does: '504, or the end of the connection, after `timeout`; one hour for WebSockets and event streams',
  },
]

const BODIES: Row[] = [
  { name: 'of a request', does: 'read to its end before the app is asked' },
  { name: 'of an answer', does: 'passed on as it comes' },
  {
    name: 'text, JSON, XML, SVG, fonts from 1 KB on, to a visitor who accepts gzip',
    does: 'compressed, unless the app did',
  },
  {
    name: 'static files that a build compressed (`x.js.br`, `x.js.gz` beside `x.js`)',
    does: 'sent so to a visitor who takes it, brotli before gzip, each with its own `ETag`',
  },
  {
    name: 'static files whose names were made from their content',
    does: '`Cache-Control: public, max-age=31536000, immutable`: in the folder of a bundler, in its manifest, or as it writes names; other pictures, fonts and films for five minutes, all else is asked for again',
  },
  {
    name: 'a page (`text/html`, 200) of a service with `vitals`, to a browser that opens it',
    does: 'gets one `<script defer>` at the end of its head, with its nonce if its `Content-Security-Policy` asks for one. Left as it is: what that policy forbids, `no-transform`, a digest, a download, what the app compressed all the same, what follows an interim answer, and what has no head',
  },
  { name: 'static files that begin with `.`', does: '404, but below `/.well-known/` of the whole site' },
]

const TLS: Row[] = [
  {
    name: 'a plain request for a name with a certificate',
    does: "308 to the same address by https, but below `/.well-known/acme-challenge/`; not at a site's own port, and not where a proxy among `trustedProxies` says that the visitor came by https",
  },
  {
    name: '`/.well-known/acme-challenge/TOKEN`, while an authority asks for a proof',
    does: 'answered by the edge; any other token is for the app',
  },
  {
    name: 'a handshake without a name, or for one that has no certificate',
    does: 'refused: a certificate that nobody vouches for would teach visitors to click warnings away',
  },
  {
    name: 'a handshake without a name, where an app has an address among its domains',
    does: 'gets the certificate of that address; the name of none is told in it',
  },
  {
    name: 'TLS',
    does: '1.2 and 1.3 with the ciphers of Mozilla\'s "intermediate" list, in the order of the edge, but ChaCha20 for who names it first; sessions are kept by the edge, never in tickets',
  },
  { name: 'TLS, with `tls: { modern: true }`', does: '1.3 alone, for the names of that app' },
  {
    name: '`Strict-Transport-Security`',
    does: '`max-age=15768000` when the certificate was good for a day and the app sends none; never for subdomains',
  },
  {
    name: 'an HTTP/2 connection, at a reload',
    does: 'ended with GOAWAY; a request that crosses it is refused before it was begun (REFUSED_STREAM), and browsers send it again by themselves',
  },
  {
    name: 'a release that sends interim answers, by HTTP/2',
    does: 'the first time 307 to the same address for `GET` and `HEAD`, else 502; from then on as by HTTP/1.1',
  },
]

export const TABLES: ReadonlyArray<readonly [title: string, rows: readonly Row[]]> = [
  ['Headers of requests', FROM_VISITORS],
  ['Headers of answers', FROM_APPS],
  ['Methods', METHODS],
  ['Statuses', STATUSES],
  ['Bounds', BOUNDS],
  ['Bodies', BODIES],
  ['TLS', TLS],
]

const HEAD = `# What the edge does

nginx with Lua stands in front of all apps. What a visitor sends reaches the app as it was sent, and what the app answers
reaches the visitor as it was answered, but for what stands here: \`server/src/drivers/nginx/table.ts\` has the rows, and
\`table.test.ts\` asks the real nginx for each of them.
`

/** The page docs/edge.md. */
export const edgePage = (): string =>
  [
    HEAD,
    ...TABLES.map(([title, rows]) =>
      [
        `## ${title}\n`,
        '| what | the edge |',
        '| --- | --- |',
        ...rows.map(row => `| ${row.name} | ${row.does} |`),
        '',
      ].join('\n'),
    ),
  ].join('\n')

// To be run by hand after a change of a row. A test fails when it was forgotten.
if (import.meta.main) {
  const path = join(import.meta.dirname, '../../../../docs/edge.md')
  writeFileSync(path, edgePage())
}
