import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer, isIP } from 'node:net'
import { Failure } from '../../kernel/failure.ts'
import { bareHost } from '../../kernel/hosts.ts'
import {
  type Closed,
  namesOf,
  type RouteTable,
  type Site,
  type SiteCertificate,
} from '../../reach/edge/edge.ts'
import type { Guard } from '../../reach/edge/guard.ts'
import { MOST_LIMITS } from './limits.ts'

const ID = /^[A-Za-z0-9][A-Za-z0-9.@-]*$/
const DOMAIN = /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/i
/** host:port with an IP address. Names are refused, because nginx does not resolve them at a request. */
const PEER = /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d+$/i

/** Refuses values that would break out of their place in nginx's configuration, and sites that would collide. */
export function checkSites(sites: readonly Site[]): void {
  for (const site of sites) {
    if (!ID.test(site.id)) throw refused(`'${site.id}' is not an id of a site`)
    const domain = namesOf(site).find(name => !DOMAIN.test(name))
    if (domain !== undefined) throw refused(`'${domain}' of ${site.id} is not a domain`)
    checkLimits(site)
  }
  const names = sites.flatMap(site =>
    namesOf(site).map(domain => ({ what: domain.toLowerCase(), id: site.id })),
  )
  const ports = sites.map(site => ({ what: `port ${site.port}`, id: site.id }))
  const seen = new Map<string, string>()
  for (const { what, id } of [...names, ...ports]) {
    const other = seen.get(what)
    if (other !== undefined) throw refused(`${what} belongs to ${other} and to ${id}`)
    seen.set(what, id)
  }
}

function checkLimits({ id, limits = [] }: Site): void {
  const whole = (n: number) => Number.isSafeInteger(n) && n >= 0
  if (limits.length > MOST_LIMITS) throw refused(`${id} has more than ${MOST_LIMITS} limits`)
  for (const { requests, burst, per } of limits)
    if (!whole(requests) || requests === 0 || !whole(burst) || (per !== 'second' && per !== 'minute'))
      throw refused(`${requests} of a ${per} and ${burst} at once, of ${id}, is not a limit`)
}

const refused = (why: string): Failure =>
  new Failure('edge.refused', 'the new configuration of the edge can not be; the old one stays', {
    why,
    fix: 'correct the domains or ports that it names, or end what holds them, then deploy again',
  })

/** Fails when a new port is taken: nginx would notice only during the reload. `before`, `after`: texts of the configurations. */
export async function checkPorts(before: string, after: string): Promise<void> {
  const held = new Set(listened(before))
  for (const address of listened(after).filter(name => !held.has(name))) {
    const [host, port] = address.split(/:(?=\d+$)/)
    // Our own listener for IPv4 at that port is in nobody's way.
    const at = { port: Number(port), host: bareHost(host!), ipv6Only: true }
    const server = createServer().listen(at)
    // Other errors are left to nginx, which may have rights that this process does not have.
    const taken = await once(server, 'listening').then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'EADDRINUSE',
    )
    server.close()
    if (taken) throw refused(`another program listens on ${address} already`)
  }
}

const listened = (conf: string): string[] =>
  [...conf.matchAll(/^ *listen ([^";\s]+)/gm)].map(found => found[1]!)

/** Throws for what would leave a site closed for ever, or open to nobody who was meant. */
export function checkClosed(site: string, { until, allow }: Closed): void {
  if (!ID.test(site)) throw new TypeError(`'${site}' is not an id of a site`)
  if (!Number.isSafeInteger(until)) throw new TypeError(`${site} would be closed until ${until}`)
  const wrong = allow.find(text => isIP(text.replace(/\/\d{1,3}$/, '')) === 0)
  if (wrong !== undefined) throw new TypeError(`'${wrong}' is no address`)
}

/** Throws for a table that the edge could not follow. That is a bug in a plan, and it must not reach traffic. */
export function checkTable(site: string, table: RouteTable): void {
  if (!ID.test(site)) throw new TypeError(`'${site}' is not an id of a site`)
  for (const { prefix, service } of table.routes) {
    if (!prefix.startsWith('/')) throw new TypeError(`prefix '${prefix}' of ${site} does not start with /`)
    if (table.services[service] === undefined)
      throw new TypeError(`${prefix} of ${site} goes to ${service}, which is not there`)
  }
  for (const [service, target] of Object.entries(table.services)) {
    const peers =
      target.kind === 'proxy'
        ? [target, target.leaving, target.warm].flatMap(side => side?.peers ?? []).concat(target.fallback)
        : []
    const wrong = peers.find(peer => !PEER.test(peer))
    if (wrong !== undefined) throw new TypeError(`'${wrong}' of ${site}/${service} is not address:port`)
    if (target.kind === 'static' && target.roots.length === 0)
      throw new TypeError(`${site}/${service} has no folder`)
  }
  if (table.guard !== undefined) checkGuard(site, table.guard)
}

/** Throws for what the edge could not read as an address or a range of them. */
function checkGuard(site: string, { trusted, allow, deny, redirects }: Guard): void {
  const wrong = [...trusted, ...allow, ...deny].find(range => !isRange(range))
  if (wrong !== undefined) throw new TypeError(`'${wrong}' of ${site} is not an address`)
  const name = Object.entries(redirects)
    .flat()
    .find(host => !DOMAIN.test(host))
  if (name !== undefined) throw new TypeError(`'${name}' of ${site} is not a name to be sent from or to`)
}

function isRange(text: string): boolean {
  const [, address, bits] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? []
  const family = isIP(address ?? '')
  return family !== 0 && Number(bits ?? 0) <= (family === 4 ? 32 : 128)
}

/** Throws for what could not be shown: it is stored before nginx sees it. */
export function checkCertificate(site: string, { names, chain, key }: SiteCertificate): void {
  if (!new X509Certificate(chain).checkPrivateKey(createPrivateKey(key)))
    throw new TypeError(`the key does not fit the certificate of ${site}`)
  if (!ID.test(site)) throw new TypeError(`'${site}' is not an id of a site`)
  const wrong = names.find(name => !DOMAIN.test(name) || name !== name.toLowerCase())
  if (wrong !== undefined) throw new TypeError(`'${wrong}' of ${site} is not a name in small letters`)
}

/** A token comes from an authority, and becomes a path. */
export function checkToken(token: string): void {
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(token)) throw new TypeError(`'${token}' is not a token`)
}
