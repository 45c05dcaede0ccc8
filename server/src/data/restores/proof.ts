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

type Asking = <T>(work: (query: Query) => Promise<T>) => Promise<T>

/** Which migrations a release would still need on the restored data. */
async function pending(
  ports: Records & { source(folder: string): Source },
  { app, release }: { app: string; release: string },
  query: Asking,
): Promise<string[]> {
  const wanted = await ports.releases.get(app, release)
  const { config } = wanted
  const { tree } = ports.home.app(app).release(builtIn(wanted))
  const place = await findMigrations(config, ports.source(tree))
  return place === null ? [] : (await query(rows => listMigrations(place, rows))).pending
}

/** The same as the end of a sentence. */
export async function pendingFor(
  ports: Records & { source(folder: string): Source },
  { app, release }: Pending,
  query: Asking,
): Promise<string> {
  const names = release === null ? [] : await pending(ports, { app, release }, query)
  return names.length === 0
    ? ''
    : `; ${release} would still need ${list(names)} (inn restore --migrate runs them)`
}

/** Failure `restore.pending`: the app serves again, on data without migrations that its release brought. */
export async function tellPending(
  ports: Records & { source(folder: string): Source },
  of: { app: string; release: string },
  query: Asking,
): Promise<string> {
  const names = await pending(ports, of, query)
  if (names.length === 0) return 'none is missing'
  throw new Failure('restore.pending', `${of.release} would still need ${list(names)}`, {
    why: 'the restored data is older, and the release serves on it',
    fix: '`inn deploy` of the same source runs its release step; a restore with `--migrate` runs it by itself',
  })
}

/** What a person has to know of subscriptions that were disabled; '' without any. */
export const saySubscriptions = (disabled: readonly string[]): string =>
  disabled.length === 0
    ? ''
    : `disabled ${count(disabled.length, 'subscription')}, ${list(disabled)}: what their publishers sent since that moment is not here; copy it, then: alter subscription … enable`
