import { Resolver } from 'node:dns/promises'
import type { Names } from '../../reach/certificates/ports.ts'

const MOST_ALIASES = 8
const NOTHING = new Set(['ENODATA', 'ENOTFOUND'])

/** The DNS, past /etc/hosts and the caches of this process. `server`: address:port of the one to ask; null: those of the system. */
export function dns(server: string | null): Names {
  const resolver = resolverOf(server)
  return {
    async addresses(name) {
      const [four, six] = await Promise.all([found(resolver.resolve4(name)), found(resolver.resolve6(name))])
      return [...four, ...six]
    },
    async allowed(name) {
      const isWild = name.startsWith('*.')
      for (let at = isWild ? name.slice(2) : name; at !== ''; at = at.split('.').slice(1).join('.')) {
        const records = await found(resolver.resolveCaa(at))
        if (records.length === 0) continue
        const wild = isWild ? records.flatMap(record => record.issuewild ?? []) : []
        // Where there are records for wildcards, those for other names say nothing of them.
        const issue = wild.length > 0 ? wild : records.flatMap(record => record.issue ?? [])
        // Records of other kinds (iodef) keep nobody from issuing for this name.
        if (issue.length === 0) return null
        // What follows a `;` are conditions of that authority. Alone, it lets nobody issue.
        return { at, authorities: issue.map(value => value.split(';')[0]!.trim()).filter(one => one !== '') }
      }
      return null
    },
    async texts(name) {
      const at = await behindAliases(resolver, name)
      const servers = await serversOf(resolver, at)
      // The servers of the zone, because what lies between may remember for an hour that there was no record.
      const asked = servers.length === 0 ? [resolver] : servers.map(server => resolverOf(server))
      return Promise.all(asked.map(one => textsBy(one, at).catch(() => null)))
    },
  }
}

function resolverOf(server: string | null): Resolver {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 })
  if (server !== null) resolver.setServers([server])
  return resolver
}

const textsBy = async (resolver: Resolver, name: string): Promise<string[]> =>
  (await found(resolver.resolveTxt(name))).map(parts => parts.join(''))

/** The name that a chain of aliases leads to. */
async function behindAliases(resolver: Resolver, name: string): Promise<string> {
  let at = name
  for (let n = 0; n < MOST_ALIASES; n++) {
    const [next] = await found(resolver.resolveCname(at))
    if (next === undefined) return at
    at = next
  }
  return at
}

/** Addresses of the name servers of the zone that a name is in; none: they cannot be found out. */
async function serversOf(resolver: Resolver, name: string): Promise<string[]> {
  for (let at = name; at.includes('.'); at = at.slice(at.indexOf('.') + 1)) {
    const names = await found(resolver.resolveNs(at)).catch(() => [])
    if (names.length === 0) continue
    const all = await Promise.all(names.map(one => found(resolver.resolve4(one)).catch(() => [])))
    return all.flat()
  }
  return []
}

const found = <T>(asked: Promise<T[]>): Promise<T[]> =>
  asked.catch((error: NodeJS.ErrnoException) => {
    if (NOTHING.has(error.code ?? '')) return []
    throw error
  })
