import { Resolver } from 'node:dns/promises'
import type { Names } from '../../reach/certificates/ports.ts'

const NOTHING = new Set(['ENODATA', 'ENOTFOUND'])

/** The DNS, past /etc/hosts and the caches of this process. `server`: address:port of the one to ask; null: those of the system. */
export function dns(server: string | null): Names {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 })
  if (server !== null) resolver.setServers([server])
  return {
    async addresses(name) {
      const [four, six] = await Promise.all([found(resolver.resolve4(name)), found(resolver.resolve6(name))])
      return [...four, ...six]
    },
    async allowed(name) {
      for (let at = name; at !== ''; at = at.split('.').slice(1).join('.')) {
        const records = await found(resolver.resolveCaa(at))
        if (records.length === 0) continue
        const issue = records.flatMap(record => record.issue ?? [])
        // Records of other kinds (iodef, issuewild) keep nobody from issuing for this name.
        if (issue.length === 0) return null
        // What follows a `;` are conditions of that authority. Alone, it lets nobody issue.
        return { at, authorities: issue.map(value => value.split(';')[0]!.trim()).filter(one => one !== '') }
      }
      return null
    },
  }
}

const found = <T>(asked: Promise<T[]>): Promise<T[]> =>
  asked.catch((error: NodeJS.ErrnoException) => {
    if (NOTHING.has(error.code ?? '')) return []
    throw error
  })
