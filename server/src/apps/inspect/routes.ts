import type { Facts } from './facts.ts'
import type { Remarks } from './proposal.ts'
import type { Role } from './role.ts'

/** More prefixes than this are the paths of a router, and not prefixes of a whole API. */
const MOST_PREFIXES = 6

/** Which paths go to which service; empty when only one service answers requests. */
export function routesOf(
  facts: Facts,
  roles: readonly Role[],
  remarks: Remarks,
): Record<string, string> | undefined {
  const serving = roles.filter(role => role.kind !== 'process' || !role.worker)
  if (serving.length < 2) return undefined
  const fronts = serving.filter(role => role.kind !== 'process')
  const backs = serving.filter(role => role.kind === 'process')
  const home =
    fronts.find(role => role.name === 'web') ??
    fronts.find(role => /web|client|front|site|www|app/.test(role.name)) ??
    fronts[0] ??
    backs[0]!
  const routes: Record<string, string> = {}
  for (const back of backs.filter(role => role !== home)) {
    for (const prefix of prefixesOf(back, { facts, alone: backs.length === 1, fronts, remarks }))
      routes[prefix] ??= back.name
  }
  for (const front of fronts.filter(role => role !== home)) {
    routes[`/${front.name}`] = front.name
    remarks.check(
      `routes./${front.name}`,
      `a second site cannot have / too: ${front.name} must be built for this path (base), or have a domain and a file of its own.`,
    )
  }
  routes['/'] = home.name
  return routes
}

interface Look {
  facts: Facts
  /** It is the only server, so whatever a development proxy forwards is for it. */
  alone: boolean
  fronts: readonly Role[]
  remarks: Remarks
}

function prefixesOf(back: Role, { facts, alone, fronts, remarks }: Look): string[] {
  const { sources, dependencies } = back.pkg
  const proxied = alone ? [...new Set([...fronts, back].flatMap(role => role.pkg.sources.proxied))] : []
  const nginx = alone ? facts.nginx.flatMap(file => ofServer(file.locations)) : []
  const own = sources.prefixes.filter(prefix => !/^\/(?:assets|static|public|favicon|index)/.test(prefix))
  const known = [
    ...new Set([
      ...proxied,
      ...nginx,
      ...(own.length <= MOST_PREFIXES
        ? own
        : own.filter(p => /^\/(?:api|graphql|ws|auth|trpc|v\d|uploads|health|metrics|socket)/.test(p))),
    ]),
  ]
  const sockets = dependencies.has('socket.io') ? ['/socket.io'] : []
  for (const prefix of new Set([...fronts, back].flatMap(role => role.pkg.sources.stripped))) {
    remarks.check(
      `routes.${prefix}`,
      `the development proxy takes ${prefix} off before the server sees it; the edge does not. Mount the server below ${prefix}.`,
    )
    remarks.warnings.push(
      `the development proxy takes ${prefix} off the path and the edge does not: mount the server's routes below ${prefix}`,
    )
  }
  const all = shortest([...known, ...sockets])
  if (known.length > 0) return all
  const guess = alone ? '/api' : `/${back.name}`
  remarks.check(`routes.${guess}`, `nothing in the sources says which paths are those of ${back.name}.`)
  return [guess, ...sockets]
}

/** Prefixes that go elsewhere than the pages do: what stands beside `/` at the same upstream is a part of the pages. */
function ofServer(locations: Facts['nginx'][number]['locations']): string[] {
  const pages = locations.find(({ prefix }) => prefix === '/')?.to
  return locations.filter(({ prefix, to }) => prefix !== '/' && to !== pages).map(({ prefix }) => prefix)
}

/** Leaves out prefixes below another one: /api covers /api/users, but not /api-docs. */
const shortest = (prefixes: readonly string[]): string[] =>
  prefixes.filter(prefix => !prefixes.some(other => other !== prefix && prefix.startsWith(`${other}/`)))
