import { FAILURES, namesOf, type Site } from '../../reach/edge/edge.ts'
import { CLEARED, FROM_ANYWHERE, FROM_LOOPBACK, VARIABLES } from './headers.ts'
import { hooks } from './hooks.ts'
import { BOUNDS, DECLARED, limiting, zones } from './limits.ts'
import { loginsOf } from './logins.ts'
import { statusAtPort, statusServer, subscribing } from './status-page.ts'
import {
  BY_TLS,
  CHALLENGES,
  type Listener,
  listening,
  loading,
  redirect,
  SECURE,
  SETTINGS,
  unnamed,
} from './tls.ts'
import { COMPRESSION, TYPES } from './types.ts'
import { HTML, PLAIN, VITALS } from './vitals.ts'

export interface ConfWanted {
  /** Absolute path of the admin socket. */
  socket: string
  /** The shared public listener; null: sites answer on loopback only. */
  http: Listener | null
  /** The shared public listener for TLS; null: there is none. */
  https: Listener | null
  /** The port of the keeper on loopback, which gets what providers send; null: nothing does. */
  keeper: number | null
  /** The user that workers run as; null: the one that starts nginx. */
  workerUser: string | null
  /** Name of the folder of Lua files, below `lua/`. */
  lua: string
  sites: readonly Site[]
}

/** The longest address or header of a request, and the longest headers of an answer. Node.js takes 16 KB in all. */
export const LARGEST_HEADERS_KB = 32

/** Placeholder for the digest of the configuration in its own text. */
export const DIGEST = '@digest@'

/** The server there for names that no other one has. */
const FIRST = ' default_server'

/** The whole nginx.conf: one file, so that one rename changes all of it. Paths in it are relative to nginx's prefix. */
export function renderConf(wanted: ConfWanted): string {
  const { sites, http, https } = wanted
  // When no app is public, the public ports stay closed, so that another server on them is not disturbed.
  const isPublic = sites.some(site => namesOf(site).length > 0)
  const servers = [
    admin(wanted.socket),
    ...(http === null || !isPublic ? [] : [unknownName(listening(http, FIRST))]),
    ...(https === null || !isPublic ? [] : [unknownName(listening(https, BY_TLS + FIRST), unnamed(sites))]),
    ...sites.flatMap(site => [
      server(site, { listen: `listen 127.0.0.1:${site.port};`, from: FROM_LOOPBACK, keeper: wanted.keeper }),
      ...(site.domains.length === 0 ? [] : publicServers(site, wanted)),
      ...statusServers(site, wanted),
    ]),
  ]
  return `${main(wanted)}\n${servers.join('\n')}}\n`
}

function publicServers(site: Site, { http, https, keeper }: ConfWanted): string[] {
  const shared = { names: `server_name ${site.domains.join(' ')};`, from: FROM_ANYWHERE, keeper }
  const plain = http === null ? null : listening(http)
  return [
    ...(plain === null ? [] : [server(site, { ...shared, listen: plain, secure: https })]),
    ...(https === null ? [] : [server(site, { ...shared, listen: listening(https, BY_TLS), more: SECURE })]),
  ]
}

function statusServers({ id, status }: Site, { http, https, keeper }: ConfWanted): string[] {
  if (status === undefined || status.domain === null) return []
  const shared = { id, domain: status.domain, keeper: status.mails ? keeper : null, pages: PAGES }
  return [
    ...(http === null ? [] : [statusServer({ ...shared, listen: listening(http), secure: https })]),
    ...(https === null
      ? []
      : [statusServer({ ...shared, listen: listening(https, BY_TLS), secure: null, more: SECURE })]),
  ]
}

/** The sites that a configuration was made from stand in it, so that one rename changes both. nginx reads no line beyond 4096 bytes. */
const SITES = /^# sites: (.*)$/gm
const noted = (sites: readonly Site[]): string =>
  (JSON.stringify(sites).match(/.{1,2000}/g) ?? []).map(piece => `# sites: ${piece}`).join('\n')

export function sitesIn(text: string | null): Site[] {
  const pieces = [...(text ?? '').matchAll(SITES)].map(found => found[1])
  return pieces.length === 0 ? [] : (JSON.parse(pieces.join('')) as Site[])
}

/** As the content of a Lua table; the words are our own. */
const WORDS = Object.entries(FAILURES)
  .map(([kind, words]) => `${kind} = '${words}'`)
  .join(', ')

const main = ({ workerUser, lua, sites, https }: ConfWanted): string => `\
# Written by Innkeeper; changes are lost.
${noted(sites)}
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
${workerUser === null ? '' : `user ${workerUser};\n`}daemon off;
pid nginx.pid;
error_log stderr warn;
worker_processes auto;
# Sockets and downloads keep a replaced worker alive, but not for ever.
worker_shutdown_timeout 1h;
pcre_jit on;
events { worker_connections 8192; }
http {
  access_log off;
  server_tokens off;
  sendfile on;
  tcp_nodelay on;
  absolute_redirect off;
  large_client_header_buffers 4 ${LARGEST_HEADERS_KB}k;
  # A domain may have 253 letters.
  server_names_hash_bucket_size 512;
  client_body_temp_path temp/body;
  proxy_temp_path temp/proxy;
  fastcgi_temp_path temp/fastcgi;
  uwsgi_temp_path temp/uwsgi;
  scgi_temp_path temp/scgi;
  default_type application/octet-stream;
  proxy_headers_hash_max_size 1024;
  proxy_headers_hash_bucket_size 128;
${TYPES}
${COMPRESSION}
  lua_package_path "$prefix/lua/${lua}/?.lua;;";
  lua_shared_dict tables 8m;
  lua_shared_dict traffic 8m; lua_shared_dict metrics 8m; lua_shared_dict beacons 2m;
  lua_shared_dict affinity 4m;
  lua_shared_dict certificates 16m;
${https === null ? '' : SETTINGS}
  init_by_lua_block {
    edge, static, pages, admin = require 'edge', require 'static', require 'pages', require 'admin'
    certificates, vitals = require 'certificates', require 'vitals'
    vitals.begin('${lua}')
    ${loading(sites)}
    edge.begin()
    edge.digest = '${DIGEST}'
    local outcome = require 'outcome'
    outcome.failures, outcome.largest = { ${WORDS} }, ${LARGEST_HEADERS_KB} * 1024
  }
  init_worker_by_lua_block { edge.worker() }
  exit_worker_by_lua_block { edge.bye() }
  header_filter_by_lua_block { edge.header() }
  log_by_lua_block { edge.log() }
${VARIABLES}
${BOUNDS}
${zones(sites)}${subscribing(sites)}  upstream app {
    server 0.0.0.1;
    balancer_by_lua_block { edge.balance() }
    # One pool for all sites. Node closes an idle connection after 5 s: ours go first, so that no request meets that.
    keepalive 256;
    keepalive_timeout 3s;
    keepalive_requests 100000;
  }
`

const admin = (socket: string): string => `\
  server {
    listen "unix:${socket}";
    client_max_body_size 4m;
    client_body_buffer_size 1m;
    ${DECLARED}
    location / { content_by_lua_block { admin.serve() } }
  }`

const unknownName = (listen: string, more = ''): string => `\
  server {
    ${listen}
${more}
    ${PAGES}
    location / { return 421; }
    ${UNREAD}
    location @page { content_by_lua_block { pages.send(ngx.status) } }
  }`

/** Every status that nginx answers by itself. A request that could not be read to its end has no path, and so takes a location by its name. */
const PAGES = `\
error_page 401 403 404 405 408 411 412 413 415 416 417 421 429 500 501 502 503 504 507 @page;
    error_page 400 414 505 /.innkeeper/unread;
    error_page 494 =431 /.innkeeper/unread;`
const UNREAD = 'location = /.innkeeper/unread { internal; content_by_lua_block { pages.send(ngx.status) } }'

const PASS = 'body_filter_by_lua_block { return edge.body() } proxy_pass http://app;'

/** How a request goes on: `way` is Lua that returns the location for it, or nothing. */
const asked = (way: string): string => `
      set $edge_method $request_method;
      set_by_lua_block $edge_way { return ${way} }
      if ($edge_way) { return 418; }
      error_page 418 = @$edge_way;
      ${PAGES}
      ${PASS}`

interface Answering {
  /** Lines. */
  listen: string
  from: string
  /** The line with its names; without, it is the only server there. */
  names?: string
  /** Where requests go whose name has a certificate; null: they stay. */
  secure?: Listener | null
  /** More lines. */
  more?: string
  keeper: number | null
}

function server(site: Site, { listen, names = '', from, secure = null, more = '', keeper }: Answering) {
  const way = from === FROM_ANYWHERE ? `edge.way('${site.id}', true)` : `edge.way('${site.id}')`
  return `\
  server {
    ${listen}
    ${names}
${more}
${limiting(site)}\
    set $edge_realm off;
    auth_basic $edge_realm;
    auth_basic_user_file ${loginsOf(site.id)};
    client_max_body_size ${site.maxBodyBytes};
    recursive_error_pages on;
    ${PAGES}
    proxy_http_version 1.1;
    # A streamed answer is passed on as it comes.
    proxy_buffering off;
    proxy_buffer_size ${LARGEST_HEADERS_KB}k;
    proxy_busy_buffers_size ${LARGEST_HEADERS_KB}k;
    proxy_buffers 8 8k;
    proxy_connect_timeout ${Math.min(2000, Math.floor(site.timeoutMs / 4))}ms;
    proxy_send_timeout ${site.timeoutMs}ms;
    proxy_read_timeout ${site.timeoutMs}ms;
    # A connection that was not accepted in time is tried elsewhere. An answer that was waited for until the end is not:
    # the app may be at work on it, and the next one would be no quicker.
    proxy_next_upstream error timeout;
    proxy_next_upstream_timeout ${Math.floor(site.timeoutMs * 0.9)}ms;
    proxy_method $edge_method;
    # Words to nginx in an answer: an app could lead a request into another place of the edge with them.
    proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset;
    proxy_redirect off;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $edge_upgrade;
    proxy_set_header Connection $edge_connection;
    proxy_set_header Cookie $edge_cookie;
    proxy_set_header X-Request-Id $edge_request_id;
${from}
${PLAIN}
${CLEARED}
    location / {${asked(secure === null ? way : `edge.way('${site.id}', true, true)`)}
    }
    location ^~ ${CHALLENGES} {${asked(`certificates.answer(ngx.var.uri) and 'challenge' or ${way}`)}
    }
    ${keeper === null || secure !== null ? '' : hooks(keeper)}
    ${from === FROM_LOOPBACK && site.status !== undefined ? statusAtPort(site.id, site.status.mails ? keeper : null) : ''}
    location @challenge { content_by_lua_block { certificates.serve() } }
    ${secure === null ? '' : redirect(secure)}
    location @moved { return 308 ${from === FROM_ANYWHERE ? '$edge_scheme' : '$edge_proto'}://$edge_to$request_uri; }
    location @app { ${PASS} }
    location @hop { proxy_pass http://127.0.0.1:${site.port}; }
    location @watched {
      proxy_next_upstream_timeout 0;
      proxy_next_upstream error timeout invalid_header http_500 http_502 http_503 http_504;
      ${PASS}
    }
    # What the new side does not have, or fails at, is asked of the warm one: chunks of a page that is still open.
    location @lend {
      proxy_next_upstream_timeout 0;
      proxy_next_upstream error timeout invalid_header http_404 http_500 http_502 http_503 http_504;
      ${PASS}
    }
    ${UNREAD}
    location @preflight { content_by_lua_block { edge.preflight('${site.id}') } }
    location @hold { content_by_lua_block { edge.wait('${site.id}', 'hold') } }
    location @asleep { content_by_lua_block { edge.wait('${site.id}', 'asleep'${from === FROM_ANYWHERE ? ', true' : ''}) } }
${elsewhere(site.id)}
  }`
}

/** Where requests go that no instance answers. */
const elsewhere = (id: string): string => `\
    location @static {
      set $edge_root ''; set $edge_file ''; set $edge_cache '';
      rewrite_by_lua_block { static.find() }
      root $edge_root;
      # Of the whole way: the folder itself, and those above it, are the app's too.
      disable_symlinks on;
      add_header Cache-Control $edge_cache;
      try_files $edge_file @missing;
    }
    location @missing { content_by_lua_block { static.missing() } }
    location @file {
      root $edge_root;
      disable_symlinks on;
      add_header Cache-Control $edge_cache;
      try_files $edge_file =404;
    }
${HTML}
${VITALS(id)}
    location @closed { content_by_lua_block { pages.closed('${id}') } }
    location @denied { content_by_lua_block { pages.send(403) } }
    location @stopped { content_by_lua_block { pages.send(503, '${id}') } }
    location @away { content_by_lua_block { pages.send(502, '${id}') } }
    location @busy { content_by_lua_block { pages.busy('${id}') } }
    location @nowhere { content_by_lua_block { pages.send(404) } }
    location @page {
      # Or the page for a missing password would ask for one.
      auth_basic off;
      content_by_lua_block { pages.send(ngx.status, '${id}') }
    }`
