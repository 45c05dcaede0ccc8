import type { Site, SiteLimit } from '../../reach/edge/edge.ts'

/** How many limits a site may have: each takes a variable of its own. */
export const MOST_LIMITS = 8
/** Of each limit. It has room for some 16,000 visitors; those who came longest ago are forgotten first. */
const ZONE = '2m'

/** How many requests of one visitor may be under way at once, at all apps: the edge takes 8,192 connections for each core. */
export const MOST_AT_ONCE = 1000
/** Seconds for the whole head of a request, or a handshake; and for a pause within a body, or of who does not take an answer. */
export const PATIENCE = { head: 10, pause: 30 }

/** Lines for all sites: whoever is slow on purpose holds a connection for so long, and so many of them. */
export const BOUNDS = `\
  client_header_timeout ${PATIENCE.head}s;
  client_body_timeout ${PATIENCE.pause}s;
  send_timeout ${PATIENCE.pause}s;
  # Or what such a client does not take would be kept until the kernel gives up.
  reset_timedout_connection on;
  limit_req_status 429;
  limit_req_log_level info;
  limit_conn_zone $edge_visitor zone=visitors:8m;
  limit_conn_status 429;
  limit_conn_log_level info;`

/** Lines of servers that visitors reach. Where a proxy names the visitor, Lua says so (guard.lua). */
export const COUNTED = `\
    set $edge_visitor $edge_network;
    limit_conn visitors ${MOST_AT_ONCE};`

const variable = (n: number): string => `$edge_limit${n + 1}`
const zoneOf = (site: Site, n: number): string => `limit_${site.id}_${n + 1}`

/** nginx counts in whole requests of a second or a minute, and evenly: what may come at once comes on top. */
const rateOf = ({ requests, per }: SiteLimit): string => `${requests}r/${per === 'minute' ? 'm' : 's'}`
const burstOf = ({ requests, burst }: SiteLimit): string => {
  const atOnce = requests - 1 + burst
  return atOnce === 0 ? '' : ` burst=${atOnce} nodelay`
}

const limitsOf = (site: Site): readonly SiteLimit[] => site.limits ?? []

/** Lines for all sites. Who and what a limit counts, the route table says (guard.lua): a variable that stays empty counts nobody. */
export const zones = (sites: readonly Site[]): string =>
  sites
    .flatMap(site =>
      limitsOf(site).map(
        (limit, n) =>
          `  limit_req_zone ${variable(n)} zone=${zoneOf(site, n)}:${ZONE} rate=${rateOf(limit)};\n`,
      ),
    )
    .join('')

/** Lines of one site's servers. */
export const limiting = (site: Site): string =>
  limitsOf(site)
    .map(
      (limit, n) => `    set ${variable(n)} '';\n    limit_req zone=${zoneOf(site, n)}${burstOf(limit)};\n`,
    )
    .join('')

/** Names the variables that Lua sets: a table may count for limits before its site has them. */
export const DECLARED = [
  ...Array.from({ length: MOST_LIMITS }, (_, n) => variable(n)),
  '$edge_retry',
  '$edge_to',
  '$edge_visitor',
]
  .map(name => `set ${name} '';`)
  .join(' ')
