import { join } from 'node:path'
import { currentRelease } from '../../apps/app/app.ts'
import { type KeptKind, keptName, redisName } from '../../apps/app/names.ts'
import { accessOf, PASSWORDS } from '../../apps/databases/access.ts'
import { databaseUrl } from '../../apps/databases/cluster.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count, list } from '../../kernel/words.ts'
import { placeNamed } from '../repositories/ready.ts'
import type { Kept, SnapshotOrder } from '../repositories/snapshots.ts'
import type { SnapshotPart } from './point.ts'
import type { DataSources, Folders, Keeping, Records } from './ports.ts'
import { progressTo } from './progress.ts'
import type { BackupStep } from './step.ts'

type Of<K extends BackupStep['kind']> = Extract<BackupStep, { kind: K }>

interface OfSnapshot {
  point: string
  place: string
}

export async function orderOf(
  ports: Keeping,
  step: OfSnapshot,
  of: string,
  context: StepContext,
): Promise<SnapshotOrder> {
  const point = await ports.points.get(step.point)
  return {
    place: await placeNamed(ports, step.place),
    of,
    point: point.name,
    at: point.at,
    signal: context.signal,
    onProgress: progressTo(context.say, ports.clock.now),
  }
}

export async function keepPart(
  ports: Pick<Keeping, 'points'>,
  order: SnapshotOrder,
  kept: Kept,
): Promise<string> {
  const part: SnapshotPart = { of: order.of, place: order.place.name, ...kept }
  await ports.points.addPart(order.point, part)
  return `${kept.id}: ${showSize(kept.bytes)}, ${showSize(kept.addedBytes)} added`
}

export async function keepFolder(
  ports: Keeping & Pick<Folders, 'files'>,
  step: OfSnapshot & { app: string },
  context: StepContext,
  { of, path }: { of: KeptKind; path: string },
): Promise<string> {
  if (!(await ports.files.exists(path))) throw missing(path)
  const order = await orderOf(ports, step, keptName(step.app, of), context)
  return keepPart(ports, order, await ports.snapshots.keepFolder({ ...order, path }))
}

/** The files of an app. SQLite databases among them are written to meanwhile, so copies of them are kept instead. */
export async function keepFiles(
  ports: Keeping & Folders & Records & Pick<DataSources, 'sqliteCopies'>,
  step: Of<'backup.files'>,
  context: StepContext,
): Promise<string> {
  const path = ports.home.app(step.app).shared
  const release = currentRelease(await ports.apps.find(step.app))
  const { services } = (await ports.releases.get(step.app, release!)).config
  const folders = services.flatMap(({ root, persist }) => persist.map(folder => join(path, root, folder)))
  // One that is gone would make a point that looks whole, and a restore would begin from it.
  for (const folder of [path, ...folders]) if (!(await ports.files.exists(folder))) throw missing(folder)
  return withScratch(ports, `files-${step.app}`, async into => {
    const instead = await ports.sqliteCopies({ app: step.app, into, signal: context.signal })
    const order = await orderOf(ports, step, keptName(step.app, 'files'), context)
    const said = await keepPart(ports, order, await ports.snapshots.keepFolder({ ...order, path, instead }))
    return instead.length === 0 ? said : `${said}; with ${count(instead.length, 'SQLite database')}`
  })
}

export async function keepRedis(
  ports: Keeping & Folders & Pick<Records, 'apps'> & Pick<DataSources, 'redisSnapshot'>,
  step: Of<'backup.redis'>,
  context: StepContext,
): Promise<string> {
  const port = (await ports.apps.ports()).get(redisName(step.app))
  const password = (await ports.apps.secrets(step.app))[PASSWORDS.redis]
  if (port === undefined || password === undefined) throw missing(`the Redis of ${step.app}`)
  return withScratch(ports, `redis-${step.app}`, async path => {
    // Into a file, because on standard output redis-cli appends a mark that Redis cannot read.
    await ports.redisSnapshot({ port, password, file: join(path, 'dump.rdb'), signal: context.signal })
    const order = await orderOf(ports, step, keptName(step.app, 'redis'), context)
    return keepPart(ports, order, await ports.snapshots.keepFolder({ ...order, path }))
  })
}

const missing = (what: string): Failure =>
  new Failure('backup.source', `${what} is not there`, {
    why: 'the release that serves has it, and a backup without it would look whole',
    fix: 'mount or restore it; if the app does not need it any more, deploy without it',
  })

/** Makes an empty folder for as long as `work` takes. */
export async function withScratch<T>(
  ports: Folders,
  name: string,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(ports.home.cache, 'backups', name)
  await ports.files.remove(path)
  await ports.files.folder(path, 0o700)
  try {
    return await work(path)
  } finally {
    await ports.files.remove(path)
  }
}

export async function keepDump(
  ports: Keeping & Records & Pick<DataSources, 'cluster' | 'dumpOf' | 'answering'>,
  step: Of<'backup.dump'>,
  context: StepContext,
): Promise<string> {
  const url = await urlOf(ports, step.app)
  const { argv, env } = await ports.dumpOf(url)
  const order = await orderOf(ports, step, keptName(step.app, 'dump'), context)
  const kept = await ports.answering(url, context.signal, signal =>
    ports.snapshots.keepOutput({ ...order, argv, env, user: null, file: DUMP_FILE, signal }),
  )
  return keepPart(ports, order, kept)
}

/** Name of the only file in the snapshot of a dump. */
export const DUMP_FILE = 'database.dump'

/** Where a dump connects. In the app's cluster as the owner of the database, because a dump may run the app's functions; elsewhere with the app's own url. */
async function urlOf(ports: Records & Pick<DataSources, 'cluster'>, app: string): Promise<string> {
  const release = currentRelease(await ports.apps.find(app))
  const { config } = await ports.releases.get(app, release!)
  if (config.database?.postgres !== true) return givenUrl(ports, app)
  const access = accessOf(app, (await ports.cluster.port())!, await ports.apps.secrets(app))
  const unread = await ports.cluster.owner(access, {}, query => query(UNREADABLE))
  if (unread.length > 0)
    throw unreadable(
      access.owner.user,
      unread.map(row => String(row['name'])),
    )
  return databaseUrl(access, 'owner')
}

/** Tables that the owner of the database cannot read: tables of others, and those with forced row security. */
const UNREADABLE = `
  select pg_catalog.format('%I.%I', n.nspname, c.relname) as name
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'm', 'S') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
     and ((c.relrowsecurity and c.relforcerowsecurity) or not case c.relkind
          when 'S' then pg_catalog.has_sequence_privilege(c.oid, 'select')
          else pg_catalog.has_table_privilege(c.oid, 'select') end)
   order by 1`

const unreadable = (owner: string, tables: readonly string[]): Failure =>
  new Failure('backup.rights', `the database cannot be dumped with the rights of ${owner}`, {
    why: `it may not read all of ${list(tables)}`,
    fix: `give it the tables of others (alter table … owner to ${owner}), and take force row level security away; or do without dump: true, as the copies of the cluster hold all of it`,
  })

/** URL of a database that Innkeeper does not run, from the release that serves. It contains the password. */
export async function givenUrl({ apps, releases }: Records, app: string): Promise<string> {
  const release = currentRelease(await apps.find(app))
  const env = release === null ? {} : await releases.env(app, release)
  const url = Object.values(env).find(own => own['DATABASE_URL'] !== undefined)?.['DATABASE_URL']
  if (url !== undefined) return url
  throw new Failure('database.unknown', `it is not known where the database of ${app} is`, {
    why: 'the release that serves is given no DATABASE_URL',
    fix: 'deploy a release with database: { url: … } in its innkeeper.yaml',
  })
}
