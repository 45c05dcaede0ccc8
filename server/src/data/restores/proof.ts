import { accessOf } from '../../apps/databases/access.ts'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import { findMigrations, listMigrations, type Query } from '../../apps/databases/migrations.ts'
import type { Records } from '../../apps/deploys/ports.ts'
import { builtIn } from '../../apps/releases/release.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Source } from '../../kernel/source.ts'
import { count, list } from '../../kernel/words.ts'
import { HANG_UP_MS, readTables } from '../backups/manifest.ts'
import type { Point } from '../backups/point.ts'
import type { ClustersBeside } from './clusters-beside.ts'
import { comparable, differences, farOff } from './rule.ts'

interface Ports extends Records {
  app: string
  cluster: { port(): Promise<number | null> }
  copies: ClustersBeside
}

/** The app's database in its cluster, or in a copy of it. */
export async function ownOf({
  app,
  apps,
  cluster,
}: Pick<Ports, 'app' | 'apps' | 'cluster'>): Promise<DatabaseAccess> {
  return accessOf(app, (await cluster.port())!, await apps.secrets(app))
}

/** What a copy was found to hold. */
export interface Content {
  detail: string
  unproven: readonly string[]
  /** How much older the last heartbeat in the copy is than the moment, in milliseconds. */
  rpoMs: number
}

/** Compares the rows of a copy with what was counted when a restore point was made. Failure `restore.differs`. */
export async function proveContent(ports: Ports, copy: string, point: Point): Promise<Content> {
  const access = await ownOf(ports)
  const beat = await lastBeat(ports, copy)
  if (beat === null) throw differs(['there is no heartbeat in the copy'])
  const rpoMs = Math.max(0, point.at - beat.getTime())
  const { exact, ...counted } = point.manifest[access.name]!
  const found = await ports.copies.reading(copy, { access, longestMs: HANG_UP_MS }, readTables)
  const unread = { ...counted.uncounted, ...found.uncounted }
  const [tables, there] = [comparable(counted.tables, unread), comparable(found.tables, unread)]
  const wrong = exact ? differences(tables, there) : farOff(tables, there)
  if (wrong.length > 0) throw differs(wrong)
  const rows = Object.values(there).reduce((sum, table) => sum + table.rows, 0)
  const last = `the last heartbeat is ${showDuration(rpoMs)} older than the moment`
  const read = `${count(Object.keys(there).length, 'table')}, ${count(rows, 'row')}`
  if (exact)
    return {
      detail: `${read}, as counted; ${last}`,
      unproven: [...unhashed(tables), ...unproven(unread)],
      rpoMs,
    }
  return {
    detail: `${read}, about as many as were counted; ${last}`,
    unproven: ['that each row is there: rows were written while they were counted', ...unproven(unread)],
    rpoMs,
  }
}

/** The last heartbeat in a copy; null: there is none. */
export async function lastBeat({ copies }: Pick<Ports, 'copies'>, copy: string): Promise<Date | null> {
  const found = await copies.superuser(copy, 'postgres', query => query('select at from innkeeper.heartbeat'))
  const at = found[0]?.['at']
  return at instanceof Date ? at : null
}

const unhashed = (tables: Readonly<Record<string, { rows: number; hash: string | null }>>): string[] =>
  Object.entries(tables)
    .filter(([, { rows, hash }]) => hash === null && rows > 0)
    .map(([table]) => `each value in ${table}: it is too large, its rows were counted alone`)

const unproven = (unread: Readonly<Record<string, string>>): string[] =>
  Object.entries(unread).map(([table, why]) => `the rows of ${table}: ${why}`)

export const differs = (found: readonly string[]): Failure =>
  new Failure('restore.differs', 'the restored data is not what the backup holds', {
    why: found.slice(0, 20).join('\n'),
    fix: 'choose an earlier point (`inn backup list`); `inn backup now --full` makes a sound one. Nothing that serves was changed',
  })

interface Pending {
  app: string
  release: string | null
}

/** Which migrations a release would still need on the restored data, as the end of a sentence. */
export async function pendingFor(
  ports: Records & { source(folder: string): Source },
  { app, release }: Pending,
  query: <T>(work: (query: Query) => Promise<T>) => Promise<T>,
): Promise<string> {
  if (release === null) return ''
  const wanted = await ports.releases.get(app, release)
  const { config } = wanted
  const { tree } = ports.home.app(app).release(builtIn(wanted))
  const place = await findMigrations(config, ports.source(tree))
  if (place === null) return ''
  const { pending } = await query(rows => listMigrations(place, rows))
  return pending.length === 0
    ? ''
    : `; ${release} would still need ${list(pending)} (inn restore --migrate runs them)`
}

/** What a person has to know of subscriptions that were disabled; '' without any. */
export const saySubscriptions = (disabled: readonly string[]): string =>
  disabled.length === 0
    ? ''
    : `disabled ${count(disabled.length, 'subscription')}, ${list(disabled)}: what their publishers sent since that moment is not here; copy it, then: alter subscription … enable`
