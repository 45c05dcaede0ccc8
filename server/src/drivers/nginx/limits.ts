import type { Site, SiteLimit } from '../../reach/edge/edge.ts'

/** How many limits a site may have: each takes a variable of its own. */
export const MOST_LIMITS = 8
/** Of each limit. It has room for some 16,000 visitors; those who came longest ago are forgotten first. */
const ZONE = '2m'

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
]
  .map(name => `set ${name} '';`)
  .join(' ')
