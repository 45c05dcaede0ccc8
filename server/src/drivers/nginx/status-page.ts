import { type Site, STATUS_PATH } from '../../reach/edge/edge.ts'
import { COUNTED } from './limits.ts'
import { CHALLENGES, type Listener } from './tls.ts'

/** Files of pages, below nginx's prefix: `SITE/current` leads to the newest. */
export const PAGES_FOLDER = 'status'

/** The files that are served, and how; no other one is. */
const FILES = { '': 'index.html', 'feed.xml': 'feed.xml', 'status.json': 'status.json' }
/** What a visitor does there is passed on to the keeper. */
const ACTS = 'subscribe|confirm|unsubscribe'

/** What the page may do stands in the page itself, because the digests of its style and script change with it. */
const HEADERS = `\
add_header Cache-Control "public, max-age=10, stale-if-error=86400" always;
      add_header Content-Security-Policy "frame-ancestors 'none'" always;
      add_header X-Content-Type-Options nosniff always;
      add_header Referrer-Policy no-referrer always;`

/** Lines for all sites: how often one network may subscribe. */
export const subscribing = (sites: readonly Site[]): string =>
  sites.some(site => site.status?.mails === true)
    ? '  limit_req_zone $edge_network zone=subscribe:2m rate=10r/m;\n'
    : ''

interface Status {
  id: string
  domain: string
  /** Lines. */
  listen: string
  /** Where requests go when there is a certificate; null: they stay. */
  secure: Listener | null
  keeper: number | null
  pages: string
  more?: string
}

/** The server of a status page: files alone, so that neither the app nor the keeper has a part in an answer. */
export function statusServer({ id, domain, listen, secure, keeper, pages, more = '' }: Status): string {
  const moved =
    secure === null
      ? ''
      : `set_by_lua_block $edge_secured { return certificates.secures(ngx.var.host) and 'yes' or '' }
      if ($edge_secured) { return 308 https://$host${secure.port === 443 ? '' : `:${secure.port}`}$request_uri; }
      `
  return `\
  server {
    ${listen}
    server_name ${domain};
${more}
${COUNTED}
    set $edge_retry '';
    client_max_body_size 4k;
    # A page is asked for by everybody at once when something is wrong; a new one is seen a second later.
    open_file_cache max=100 inactive=20s;
    open_file_cache_valid 1s;
    ${pages}
${files('/', `${PAGES_FOLDER}/${id}/current`, moved)}
${acts('/', id, keeper, moved)}
    location ^~ ${CHALLENGES} { content_by_lua_block { certificates.serve() } }
    location / { ${moved}return 404; }
    location = /.innkeeper/unread { internal; content_by_lua_block { pages.send(ngx.status) } }
    location @page { content_by_lua_block { pages.send(ngx.status) } }
  }`
}

/** The same page at the site's own port, which only this machine reaches. */
export const statusAtPort = (id: string, keeper: number | null): string =>
  [
    files(STATUS_PATH, `${PAGES_FOLDER}/${id}/current`, 'auth_basic off;\n      '),
    acts(STATUS_PATH, id, keeper, 'auth_basic off;\n      '),
  ].join('\n')

const files = (at: string, root: string, before: string): string =>
  Object.entries(FILES)
    .map(
      ([path, file]) => `\
    location = ${at}${path} {
      ${before}root ${root};
      try_files /${file} =404;
      ${HEADERS}
    }`,
    )
    .join('\n')

/** Like hooks: nothing of a visitor gets to the keeper but the form and the token of the link. */
const acts = (at: string, id: string, keeper: number | null, before: string): string =>
  keeper === null
    ? ''
    : `\
    location ~ "^${at.replaceAll('.', '\\.')}(?<act>${ACTS})\\z" {
      ${before}limit_req zone=subscribe burst=10 nodelay;
      proxy_method $request_method;
      proxy_pass_request_headers off;
      proxy_set_header Host 127.0.0.1:${keeper};
      proxy_set_header Content-Type $http_content_type;
      proxy_connect_timeout 5s;
      proxy_read_timeout 15s;
      if ($request_method !~ ^(GET|POST)$) { return 405; }
      proxy_pass http://127.0.0.1:${keeper}/api/status-pages/${id}/$act?token=$arg_token;
    }`
