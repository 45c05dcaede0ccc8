import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Backups } from '../server/src/data/backups/wire.ts'
import { openStore } from '../server/src/db/db.ts'
import { readSetting } from '../server/src/db/setting.ts'
import { ageCipher } from '../server/src/drivers/age/age.ts'
import { type Bench, type Change, makeBench, median, run, sleep } from './kit.ts'
import { comparison } from './ratio.ts'

/**
 * node bench/backups.ts [rounds] [scale]: backup, restore and recovery of a pgbench database beside the same tools by
 * hand on the same repository, the app's latency meanwhile, and the keeper's memory. Scale 50 is about 750 MB.
 */
const ROUNDS = Number(process.argv[2] ?? 3)
const SCALE = Number(process.argv[3] ?? 50)
const BIN = `/usr/lib/postgresql/${(await readdir('/usr/lib/postgresql')).sort((a, b) => Number(b) - Number(a))[0]}/bin`
const PACKAGES = join(import.meta.dirname, '../node_modules')
const CONFIG = `name: bench
services:
  api:
    start: node server.cjs
    env: { NODE_PATH: ${PACKAGES} }
    install: false
    drain: 1s
    stopGrace: 2s
    health: { path: /health, expect: { json: { path: status, equals: ok } }, interval: 100ms }
database: { postgres: true }
backups: { dump: true }
watch: 0
`

const stepOf = (change: Change, title: RegExp): number => {
  const found = change.steps.find(step => title.test(step.title))
  if (found?.ms == null) throw new Error(`no step ${title} in ${JSON.stringify(change, null, 1)}`)
  return found.ms
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

interface Place {
  port: string
  password: string
  socket: string
}

async function placeOf({ home }: Bench): Promise<Place> {
  const at = async (name: string) => (await readFile(join(home, 'postgres/bench', name), 'utf8')).trim()
  return { port: await at('port'), password: await at('password'), socket: join(home, 'run/pg') }
}

/** A shell line as the user of PostgreSQL, as a person at the machine would type it. */
function byHand(bench: Bench, { password }: Place, line: string): Promise<string> {
  const env = {
    ...process.env,
    PGPASSWORD: password,
    TZ: 'UTC',
    PGPASSFILE: join(bench.home, 'postgres/bench/pgpass'),
  }
  return run(['timeout', '1200', 'su', 'postgres', '-s', '/bin/sh', '-c', line], { cwd: '/', env })
}

const latencies = async (url: string, until: () => boolean): Promise<number[]> => {
  const all: number[] = []
  const one = async () => {
    while (!until()) {
      const started = performance.now()
      const answer = await fetch(url)
      await answer.arrayBuffer()
      if (answer.status !== 200) throw new Error(`the app answered ${answer.status}`)
      all.push(performance.now() - started)
      // A visitor reads: the load of a small app, not of a benchmark.
      await sleep(5)
    }
  }
  await Promise.all(Array.from({ length: 8 }, one))
  return all.sort((a, b) => a - b)
}
const p99 = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length * 0.99)]!

/** Milliseconds from now until the edge answers 200 again, once it had not. */
async function backAgain(url: string): Promise<number> {
  const started = performance.now()
  for (let away = false; ; await sleep(20)) {
    const status = await fetch(url).then(
      answer => answer.status,
      () => 0,
    )
    if (status !== 200) away = true
    else if (away) return performance.now() - started
  }
}

const bench = await makeBench()
try {
  await cp(join(import.meta.dirname, 'data-app'), join(bench.home, 'source'), { recursive: true })
  await writeFile(join(bench.home, 'source/innkeeper.yaml'), CONFIG)
  await bench.inn(['deploy'])
  // The first one comes by itself.
  for (;;) {
    const { points } = await bench.client.get<Backups>('/api/backups')
    if (points.some(point => point.app !== null && point.state === 'good')) break
    await sleep(500)
  }
  const place = await placeOf(bench)
  const reach = `-h ${place.socket} -p ${place.port} -U innkeeper`
  await byHand(bench, place, `${BIN}/pgbench -i -q -s ${SCALE} ${reach} bench`)
  await byHand(
    bench,
    place,
    `psql ${reach} -c "grant select on all tables in schema public to bench_app" bench`,
  )
  const size = (
    await byHand(bench, place, `psql ${reach} -Atc "select pg_database_size('bench')" bench`)
  ).trim()
  const url = (await bench.status()).apps[0]!.url!
  await bench.inn(['backup', 'now', '--full'])
  console.log(`database: ${Math.round(Number(size) / 1e6)} MB`)

  const conf = join(bench.home, 'postgres/bench/pgbackrest/pgbackrest.local.conf')
  const br = `pgbackrest --config=${conf} --stanza=bench --log-level-console=error`
  const figures: Record<string, number[]> = {}
  const note = (name: string, ms: number) => {
    figures[name] = [...(figures[name] ?? []), ms]
  }
  for (let round = 0; round < ROUNDS; round++) {
    const taken = await bench.inn(['backup', 'now', '--full'])
    note('full backup', stepOf(taken, /^back up the PostgreSQL/))
    note('full backup by hand', await timed(() => byHand(bench, place, `${br} backup --type=full`)))
    note('dump', stepOf(taken, /^dump the database/))
    note('dump by hand', await dumpByHand(place, reach))
    const to = new Date().toISOString()
    await sleep(1_100)
    // PostgreSQL refuses a moment after which nothing was committed.
    await byHand(bench, place, `psql ${reach} -Atc 'select txid_current()' bench`)
    await archived(place, reach)
    // Before ours: a restore begins a new timeline, and only the old one leads to this moment by hand.
    const hand = await restoreByHand(place, br, to)
    note('restore of files by hand', hand.files)
    note('point in time by hand', hand.whole)
    const again = backAgain(url)
    const restored = await bench.inn(['restore', 'bench', '--to', to])
    note('restore: command to first answer', await again)
    note('restore of files', stepOf(restored, /^restore .* beside what is there/))
    const whole = [
      /^restore .* beside/,
      /^bring the copy/,
      /^compare the restored data/,
      /^write the restored data/,
    ]
    note(
      'point in time',
      whole.reduce((sum, title) => sum + stepOf(restored, title), 0),
    )
    for (const title of whole) note(`  ${title.source.replace(/[^a-z ]/g, '')}`, stepOf(restored, title))
    const closed = [/^stop /, /^put the restored database/, /^start /, /^wait until /, /^switch /]
    note(
      'visitors get 503',
      closed.reduce((sum, title) => sum + stepOf(restored, title), 0),
    )
    await bench.inn(['restore', 'discard', 'bench'])
  }
  for (const [name, all] of Object.entries(figures))
    console.log(
      `${name}: ${(median(all) / 1000).toFixed(1)} s (${all.map(ms => (ms / 1000).toFixed(1)).join(', ')})`,
    )
  // What fails ends the whole run.
  const side = (name: string) => ({ figures: figures[name] ?? [], failed: 0 })
  for (const name of ['full backup', 'dump', 'restore of files', 'point in time'])
    console.log(
      `${name}, of by hand: ${comparison({ Innkeeper: side(name), 'by hand': side(`${name} by hand`) }, () => median(figures[name]!) / median(figures[`${name} by hand`]!))}`,
    )

  // Without the dump, as it is by default: PostgreSQL itself reads for a dump, and not at a low priority.
  await writeFile(join(bench.home, 'source/innkeeper.yaml'), CONFIG.replace('backups: { dump: true }\n', ''))
  await bench.inn(['deploy'])
  const rss = (await bench.status()).keeper.rssBytes
  const calm = await latencies(url, within(15_000))
  const busy = await duringBackup(url)
  await writeFile(join(bench.home, 'source/innkeeper.yaml'), CONFIG)
  await bench.inn(['deploy'])
  const dumping = await duringBackup(url)
  const toRest = (all: readonly number[]) =>
    comparison(
      { 'the app at rest': { figures: calm, failed: 0 }, 'the app meanwhile': { figures: all, failed: 0 } },
      () => p99(all) / p99(calm),
    )
  const ratio = (all: readonly number[]) => `${p99(all).toFixed(1)} ms (${toRest(all)})`
  console.log(
    `p99 ${p99(calm).toFixed(1)} ms at rest, ${ratio(busy)} during a backup, ${ratio(dumping)} during one with a dump, of ${calm.length}, ${busy.length} and ${dumping.length} requests`,
  )
  console.log(
    `keeper: ${Math.round(rss / 1e6)} MB before, ${Math.round((await bench.status()).keeper.rssBytes / 1e6)} MB after`,
  )
  const { ms: whole, parts } = await recovered()
  console.log(`whole server from the kit: ${(whole / 1000).toFixed(1)} s, of it ${parts}`)
} finally {
  await bench.remove()
}

function within(ms: number): () => boolean {
  const end = Date.now() + ms
  return () => Date.now() > end
}

async function duringBackup(url: string): Promise<number[]> {
  let over = false
  const all = latencies(url, () => over)
  await bench.inn(['backup', 'now', '--full'])
  over = true
  return all
}

async function dumpByHand(place: Place, reach: string): Promise<number> {
  const store = openStore(join(bench.home, 'keeper.db'), ageCipher(join(bench.home, 'keeper.key')))
  const key = (await readSetting(store, 'keeper-secret:backups'))!
  await store.close()
  const env = {
    ...process.env,
    PGPASSWORD: place.password,
    RESTIC_PASSWORD: key,
    RESTIC_REPOSITORY: join(bench.home, 'backups/restic/bench'),
    RESTIC_CACHE_DIR: join(bench.home, 'cache/by-hand'),
  }
  const line = `${BIN}/pg_dump -Fc -Z0 ${reach} bench | restic backup --quiet --host bench/dump --stdin --stdin-filename database.dump`
  return timed(() => run(['sh', '-c', line], { cwd: '/', env }))
}

/** Waits until all that was committed is in the archive. */
async function archived(place: Place, reach: string): Promise<void> {
  const ask = (text: string) => byHand(bench, place, `psql ${reach} -Atc "${text}" postgres`)
  const segment = (await ask('select pg_walfile_name(pg_switch_wal() - 1)')).trim()
  const last = `select coalesce(last_archived_wal, '') >= '${segment}' from pg_stat_archiver`
  while ((await ask(last)).trim() !== 't') await sleep(100)
}

/** What an experienced person would type, as one script: restore beside, replay, stop. The rename takes no time. */
async function restoreByHand(place: Place, br: string, to: string) {
  const at = join(bench.home, 'by-hand')
  await rm(at, { recursive: true, force: true })
  await mkdir(at)
  await chmod(at, 0o777)
  const target = `--type=time --target="${to.replace('T', ' ').replace('Z', '+00')}" --target-action=promote`
  const files = await timed(() =>
    byHand(
      bench,
      place,
      `mkdir -m 700 ${at}/data && ${br} --pg1-path=${at}/data --spool-path=${at}/spool --lock-path=${at}/lock --archive-mode=off --process-max=2 ${target} restore`,
    ),
  )
  const options = `-p 5432 -k ${at} -c listen_addresses= -c hot_standby=off -c fsync=off -c full_page_writes=off -c autovacuum=off -c max_wal_size=4GB`
  const rest = await timed(() =>
    byHand(
      bench,
      place,
      [
        `${BIN}/pg_ctl -s -w -t 600 -D ${at}/data -l ${at}/log -o "${options}" start`,
        `until psql -h ${at} -U innkeeper -Atc 'select 1' postgres >/dev/null 2>&1; do sleep 0.05; done`,
        `until [ $(psql -h ${at} -U innkeeper -Atc 'select pg_is_in_recovery()' postgres) = f ]; do sleep 0.05; done`,
        `${BIN}/pg_ctl -s -D ${at}/data -m fast stop`,
      ].join(' && '),
    ),
  )
  await rm(at, { recursive: true, force: true })
  return { files, whole: files + rest }
}

interface Recovered {
  ms: number
  runs: Change[]
}

/** The home goes, but for its backups; then everything comes back. */
async function recovered(): Promise<{ ms: number; parts: string }> {
  const kit = `${bench.home}.kit`
  const away = `${bench.home}.away`
  await bench.inn(['recovery', 'kit', '--save', kit])
  await bench.inn(['down', '--yes'])
  await rename(join(bench.home, 'backups'), away)
  await rm(bench.home, { recursive: true, force: true, maxRetries: 5 })
  await mkdir(bench.home, { mode: 0o711 })
  await rename(away, join(bench.home, 'backups'))
  try {
    const ended = (await bench.inn(['recover', '--kit', kit], '/')) as unknown as Recovered
    const url = (await bench.status()).apps[0]!.url!
    if ((await fetch(url)).status !== 200) throw new Error('the recovered app does not answer')
    const steps = ended.runs.flatMap(run => run.steps)
    return { ms: ended.ms, parts: steps.map(({ title, ms }) => `${title}: ${ms} ms`).join('; ') }
  } finally {
    await rm(kit, { force: true })
  }
}
