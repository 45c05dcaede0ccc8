import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { appStore } from '../server/src/apps/app/store.ts'
import { releaseStore } from '../server/src/apps/releases/store.ts'
import { homeAt } from '../server/src/config/home.ts'
import { pointName } from '../server/src/data/backups/point-name.ts'
import { pointStore } from '../server/src/data/backups/store.ts'
import { openStore, type Store } from '../server/src/db/db.ts'
import { ageCipher } from '../server/src/drivers/age/age.ts'
import type { RunRow } from '../server/src/engine/journal.ts'
import { sqliteJournal } from '../server/src/engine/sqlite-journal.ts'
import type { Cipher } from '../server/src/kernel/cipher.ts'
import { auditLog } from '../server/src/reach/audit/audit.ts'

/** How much a home holds. */
export interface Size {
  apps: number
  releases: number
  runs: number
}

/** The app that was really deployed; the others are made after it. */
export const FIRST = 'grown1'
const DAY_MS = 86_400_000
/** What the default retention leaves of a year: 30 daily, 12 weekly and 12 monthly points. */
const POINT_AGES = [
  ...Array.from({ length: 30 }, (_, n) => n),
  ...Array.from({ length: 12 }, (_, n) => 30 + n * 7),
  ...Array.from({ length: 12 }, (_, n) => 114 + n * 20),
]
const TABLES = 30
const SLOT_MS = 5_000

const nameOf = (n: number): string => `grown${n + 1}`
/** How many of `total` fall to the n-th of `parts`. */
const share = (total: number, parts: number, n: number): number =>
  Math.floor((total * (n + 1)) / parts) - Math.floor((total * n) / parts)

/**
 * Writes into the store what a home of this size has: apps that nobody visits, their releases, the runs that made them
 * with the audit log, a year's restore points and three days of traffic. The keeper does not run.
 */
export async function grow(root: string, before: Size, size: Size): Promise<void> {
  const store = openStore(homeAt(root).store, onceFor(ageCipher(homeAt(root).key)))
  try {
    // What is written here may be lost in a power cut, which makes a hundred thousand runs a matter of a minute.
    store.raw.exec('pragma synchronous = off')
    const template = newestRun(store)
    for (let n = before.apps; n < size.apps; n++) await addApp(root, store, nameOf(n))
    for (let n = 0; n < size.apps; n++) {
      const had = (of: 'releases' | 'runs') => (n < before.apps ? share(before[of], before.apps, n) : 0)
      await addReleases(store, nameOf(n), share(size.releases, size.apps, n) - had('releases'))
      await addRuns(store, { template, app: nameOf(n) }, share(size.runs, size.apps, n) - had('runs'))
    }
    for (let n = before.apps; n < size.apps; n++) {
      await addPoints(store, nameOf(n))
      addTraffic(store, nameOf(n))
    }
  } finally {
    await store.close()
  }
}

/** Thousands of releases have the same environment, which is encrypted once. */
function onceFor({ encrypt, decrypt }: Cipher): Cipher {
  const known = new Map<string, Promise<string>>()
  return {
    decrypt,
    encrypt(text) {
      const encrypted = known.get(text) ?? encrypt(text)
      known.set(text, encrypted)
      return encrypted
    },
  }
}

/** Forgets the apps that were only written: nothing of them has to be stopped. */
export async function forgetGrown(root: string, { apps }: Size): Promise<void> {
  const store = openStore(homeAt(root).store, onceFor(ageCipher(homeAt(root).key)))
  for (let n = 1; n < apps; n++) await appStore(store, Date.now).remove(nameOf(n), { secrets: true })
  await store.close()
}

/** The run of the deploy that was really made. */
function newestRun({ raw }: Store): RunRow {
  const { id } = raw.prepare("select id from run where kind = 'deploy' limit 1").get() as { id: string }
  return sqliteJournal(raw).read(id)!
}

async function addApp(root: string, store: Store, name: string): Promise<void> {
  const [apps, releases] = [appStore(store, Date.now), releaseStore(store, Date.now)]
  const first = await apps.get(FIRST)
  const release = await releases.get(FIRST, Object.values(first.live)[0]!.release)
  await apps.create(name, first.port + Number(name.slice(FIRST.length - 1)))
  await releases.put(
    {
      ...release,
      app: name,
      id: 'r1',
      number: 1,
      config: { ...release.config, name },
      artifacts: own(release.config, 'r1'),
    },
    {},
  )
  const live = Object.fromEntries(
    Object.entries(first.live).map(([service, { colour }]) => [service, { colour, release: 'r1' }]),
  )
  await apps.setLive(name, { live, warm: {}, state: 'running' })
  const table = (app: string) => join(root, 'edge/tables', `${app}.json`)
  await copyFile(table(FIRST), table(name))
}

const own = ({ services }: { services: ReadonlyArray<{ name: string }> }, release: string) =>
  Object.fromEntries(services.map(service => [service.name, release]))

/** Older ones than what serves have no files any more, as the retention of releases leaves them. */
async function addReleases(store: Store, app: string, count: number): Promise<void> {
  const releases = releaseStore(store, Date.now)
  const last = await releases.get(app, `r${(await releases.nextNumber(app)) - 1}`)
  const env = {
    web: { NODE_ENV: 'production', DATABASE_URL: 'postgres://x', PUBLIC_URL: 'https://shop.example.com' },
  }
  // Of the first app and of each that was just added, one is there.
  for (let n = last.number + 1; n <= last.number + count; n++)
    await releases.put(
      { ...last, id: `r${n}`, number: n, state: 'pruned', artifacts: own(last.config, `r${n}`) },
      env,
    )
}

async function addRuns(
  store: Store,
  { template, app }: { template: RunRow; app: string },
  count: number,
): Promise<void> {
  const journal = sqliteJournal(store.raw)
  const plan = { ...template.plan, app, locks: [], title: `deploy r1 of ${app}` }
  const had = Number(store.raw.prepare('select count(*) as n from run where app = ?').get(app)!['n'])
  for (let n = had; n < had + count; n++) {
    const startedAt = Date.now() - 365 * DAY_MS + n * 60_000
    const id = `${app}-${n}`
    journal.open({ id, plan, actor: 'anna', startedAt })
    for (const step of template.steps) journal.step(id, step)
    journal.end(id, { outcome: 'done', leftover: [], endedAt: startedAt + 12_000 })
    const row = { actor: 'anna', action: 'deploy', app, run: id, detail: plan.title }
    await auditLog(store, () => startedAt).write(row)
  }
}

async function addPoints(store: Store, app: string): Promise<void> {
  const n = Number(app.slice(FIRST.length - 1))
  const tables = Object.fromEntries(
    Array.from({ length: TABLES }, (_, t) => [
      `public.table_${t}`,
      { rows: t * 1000, hash: 'c0ffee'.repeat(10) },
    ]),
  )
  for (const age of POINT_AGES) {
    const at = Date.now() - age * DAY_MS - n * 60_000
    const points = pointStore(store, () => at + 5_000)
    const name = `${pointName(at)}-${n}`
    const releases = { [app]: 'r1' }
    await points.begin({
      name,
      kind: 'schedule',
      app,
      at,
      segment: null,
      state: 'taking',
      releases,
      places: ['local'],
    })
    await points.setMoment(name, {
      at,
      segment: null,
      manifest: { [app]: { exact: true, tables } },
      releases,
    })
    await points.addPart(name, { of: 'cluster', place: 'local', id: name })
    await points.addPart(name, { of: `${app}/files`, place: 'local', id: name, bytes: 1e6, addedBytes: 1e3 })
    await points.good(name)
  }
}

function addTraffic({ raw }: Store, app: string): void {
  const first = Math.floor(Date.now() / SLOT_MS) * SLOT_MS - 3 * DAY_MS
  raw
    .prepare(
      `with recursive slot (at) as (select ? union all select at + ? from slot where at < ?)
       insert or ignore into traffic (app, at, requests, errors, p50, p95) select ?, at, 40, 0, 3.5, 12.5 from slot`,
    )
    .run(first, SLOT_MS, Date.now() - SLOT_MS, app)
}
