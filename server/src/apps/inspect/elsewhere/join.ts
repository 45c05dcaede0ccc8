import type { Facts, PackageFacts } from '../facts.ts'
import type { Unnamed } from '../role.ts'
import { judge } from '../scripts.ts'
import { join, under } from '../tree.ts'
import type { Foreign, ForeignService } from './foreign.ts'

/** The roles with what other platforms run: each of their services is one of the roles, or one more. */
export function withForeign(found: readonly Unnamed[], facts: Facts): Unnamed[] {
  const roles = found.map(role => ({ ...role }))
  for (const { file, services } of facts.elsewhere) {
    const taken = new Set<Unnamed>()
    for (const service of services) {
      const role = roleOf(service, { file, facts, roles, taken })
      if (role === null) continue
      role.origins = [...(role.origins ?? []), { file, service }]
      taken.add(role)
      if (!roles.includes(role)) roles.push(role)
    }
  }
  return roles
}

interface Look {
  file: string
  facts: Facts
  roles: readonly Unnamed[]
  /** Roles that services of the same file are already. */
  taken: ReadonlySet<Unnamed>
}

function roleOf(service: ForeignService, { file, facts, roles, taken }: Look): Unnamed | null {
  const pkg = packageOf(service.folder, facts)
  const script = scriptOf(service, { pkg, file })
  const free = roles.filter(role => role.pkg === pkg && role.kind !== 'site' && !taken.has(role))
  const workers = free.filter(isWorker)
  const line = script?.process?.join(' ')
  const same = free.find(
    role =>
      role.as === service.name ||
      role.origins?.some(origin => origin.service.name === service.name) ||
      (line !== undefined && lineOf(role) === line),
  )
  const role = same ?? (service.worker ? undefined : (free.find(role => !isWorker(role)) ?? workers[0]))
  if (role !== undefined) return role.kind === 'process' && line !== lineOf(role) ? told(role, script) : role
  if (script === null || line === undefined) return null
  const { worker, name } = service
  return { kind: 'process', as: name, pkg, worker, singleton: /\bbot\b/.test(name), script, serves: [] }
}

/** What an author runs elsewhere is surer than what a script of the repository says. A product's own command stays. */
function told(role: Extract<Unnamed, { kind: 'process' }>, script: ReturnType<typeof scriptOf>): Unnamed {
  if (script !== null && role.script === null && role.command === undefined) role.script = script
  return role
}

const isWorker = (role: Unnamed): boolean => role.kind === 'process' && role.worker

const lineOf = (role: Unnamed): string | undefined =>
  role.kind === 'process' && role.script !== null
    ? role.script.process?.join(' ')
    : role.pkg.starts.find(start => start.process !== null)?.process?.join(' ')

/** The command of a service, without what wraps its process; null: it is no process of Node.js that can be told. */
function scriptOf({ name, command }: ForeignService, { pkg, file }: { pkg: PackageFacts; file: string }) {
  if (command === null) return null
  // Judged under an empty name, which no script has.
  const script = judge('', { ...pkg.scripts, '': command })
  return script.process === null ? null : { ...script, name: `${name} of ${file}` }
}

/** The package that a folder belongs to: its own, or the nearest above. */
const packageOf = (folder: string, facts: Facts): PackageFacts =>
  facts.packages
    .filter(pkg => under(pkg.folder, join(folder)))
    .sort((a, b) => b.folder.length - a.folder.length)[0]!

/** Names of databases, with the files that have them. */
export const databasesIn = (files: readonly Foreign[]): Facts['databases'] =>
  files.flatMap(({ file, databases }) =>
    [...new Set(databases)].map(kind => ({ kind, by: file, folder: '.' })),
  )
