import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { secretStore } from '../../server/src/apps/app/secrets.ts'
import type { Backups } from '../../server/src/data/backups/wire.ts'
import { openStore, type Store } from '../../server/src/db/db.ts'
import { keepSetting, readSetting } from '../../server/src/db/setting.ts'
import { ageCipher } from '../../server/src/drivers/age/age.ts'
import { withDatabase } from '../../server/src/drivers/postgres/connect.ts'
import type { Server } from './server.ts'

/** The folder of the cluster that has a database: of the app whose database it is, or of the only app that has one. */
export async function clusterOf(server: Server, database = 'postgres'): Promise<string> {
  const at = join(server.home, 'postgres')
  const apps = (await readdir(at)).filter(name => name !== 'copy')
  const app = apps.find(name => name === database.replaceAll('_', '-')) ?? apps[0]
  if (app === undefined || (database === 'postgres' && apps.length !== 1))
    throw new Error(`which cluster has ${database}? there are ${apps.join(', ')}`)
  return join(at, app)
}

/** Runs one statement on a database of an app's cluster as superuser; the first column of each row. */
export const sql = (server: Server, database: string, text: string, app?: string): Promise<string[]> =>
  connected(server, database, ask => ask(text), app)

type Ask = (text: string) => Promise<string[]>

/** The same for several: to sign in costs more than most statements. */
async function connected<T>(
  server: Server,
  database: string,
  work: (ask: Ask) => Promise<T>,
  app?: string,
): Promise<T> {
  const folder = app === undefined ? await clusterOf(server, database) : join(server.home, 'postgres', app)
  const at = (name: string) => readFile(join(folder, name), 'utf8')
  const [port, password] = await Promise.all([at('port'), at('password')])
  const url = `postgresql://innkeeper:${password.trim()}@127.0.0.1:${port.trim()}/${database}`
  return withDatabase(url, query =>
    work(async text => (await query(text)).map(row => String(Object.values(row)[0]))),
  )
}

/** Rows of the keeper's own store. */
export function keeperRows(
  { home }: Server,
  query: string,
  ...values: string[]
): Array<Record<string, unknown>> {
  const store = new DatabaseSync(join(home, 'keeper.db'), { readOnly: true })
  try {
    return store.prepare(query).all(...values)
  } finally {
    store.close()
  }
}

/** Opens the keeper's own store with its key, beside the keeper. */
async function withStore<T>({ home }: Server, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openStore(join(home, 'keeper.db'), ageCipher(join(home, 'keeper.key')))
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** The secrets of an app in the keeper's store. */
export const secretsOf = (server: Server, app: string): Promise<Record<string, string>> =>
  withStore(server, store => secretStore(store, Date.now).secrets(app))

/** Does this while the key of the backups is another one. */
export const withOtherKey = <T>(server: Server, work: () => Promise<T>): Promise<T> =>
  withStore(server, async store => {
    const name = 'keeper-secret:backups'
    const key = (await readSetting(store, name))!
    await keepSetting(store, name, `x${key}`)
    try {
      return await work()
    } finally {
      await keepSetting(store, name, key)
    }
  })

/** Names of the settings with values that requests put aside and that were not removed yet. */
export const givenIn = (server: Server): unknown[] =>
  keeperRows(server, "select name from setting where name like 'secrets-given:%'").map(row => row['name'])

/** Without what the keeper keeps of itself. */
const ofApps = (all: Backups): Backups => ({
  ...all,
  places: all.places.filter(place => place.app !== 'keeper'),
  points: all.points.filter(point => point.app !== null),
})

/** Restore points of all owners. */
export const points = async (server: Server): Promise<Backups['points']> => (await knownOf(server)).points

/** Without asking the places, which takes programs that derive keys for a third of a second each: what waits asks often. */
const knownOf = (server: Server) => server.client.get<Backups>('/api/backups?soon=true')

async function seenSoon(server: Server): Promise<Backups> {
  // Of alarms a report that does not wait shows those that were last told of.
  const [seen, { alarms }] = await Promise.all([knownOf(server), server.status()])
  return { ...seen, alarms }
}

/** A backup takes seconds, and each answer some hundredth of a second of the keeper's. */
const PAUSE_MS = 500

/** The backups of apps, as soon as they satisfy `good`; after the time limit, the last that was seen. */
export async function backups(server: Server, good: (seen: Backups) => boolean): Promise<Backups> {
  for (const end = Date.now() + 150_000; ; ) {
    // A killed keeper does not answer for about a second.
    const seen = await server.client.get<Backups>('/api/backups').catch((error: Error) => error)
    if (seen instanceof Error && Date.now() > end) throw seen
    if (!(seen instanceof Error) && (Date.now() > end || good(ofApps(seen)))) return ofApps(seen)
    do await sleep(PAUSE_MS)
    while (Date.now() < end && !(await seemsGood(server, good)))
  }
}

/** Whether it is worth to ask the places. Since the keeper began, some may not have been asked yet. */
async function seemsGood(server: Server, good: (seen: Backups) => boolean): Promise<boolean> {
  const soon = await seenSoon(server).catch(() => null)
  return soon?.places.every(place => place.seenAt !== null) === true && good(ofApps(soon))
}

/** Waits for the first good restore point of each app and of the keeper, which the keeper makes by itself. */
export async function firstPoint(server: Server): Promise<Backups> {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(PAUSE_MS)) {
    const all = await points(server).catch(() => [])
    const owners = new Set(all.map(point => point.app))
    if (!owners.has(null) || owners.size < 2) continue
    if ([...owners].every(app => all.some(p => p.app === app && p.state === 'good'))) break
  }
  return backups(server, () => true)
}

/** Restore points of an app, newest first. */
export const pointsOf = ({ points }: Pick<Backups, 'points'>, app: string): Backups['points'] =>
  points.filter(point => point.app === app)

/** The time by the clock of the database, with a pause before and after it. */
export async function moment(server: Server, app?: string): Promise<string> {
  await sleep(150)
  const [now] = await sql(
    server,
    'postgres',
    `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    app,
  )
  await sleep(150)
  return now!
}

/** Resolves when everything committed so far is archived. */
export async function archived(server: Server, app?: string): Promise<void> {
  // The byte before: where nothing was written since the last switch, it is the border of two segments.
  const [segment] = await sql(server, 'postgres', 'select pg_walfile_name(pg_switch_wal() - 1)', app)
  await archivedUpTo(server, segment!, app)
}

/** Resolves when this WAL segment is archived, as PostgreSQL reports it. */
export const archivedUpTo = (server: Server, segment: string, app?: string): Promise<void> =>
  connected(
    server,
    'postgres',
    async ask => {
      // A long limit, because PostgreSQL waits a minute after three failures of archive_command.
      for (const end = Date.now() + 180_000; Date.now() < end; await sleep(100)) {
        // In a cluster that has just been restored, no segment is archived yet.
        const [last] = await ask(`select coalesce(last_archived_wal, '') from pg_stat_archiver`)
        if (last! >= segment) return
      }
      throw new Error(`${segment} was not archived within three minutes`)
    },
    app,
  )
