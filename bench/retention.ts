import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { RetentionList } from '../server/src/data/retention/wire.ts'
import { makeBench, sleep } from './kit.ts'

/**
 * node bench/retention.ts [rows seconds]: the transactions of an app (a read by key, an insert, an update; 100 a second by
 * a clock, so that a slow one makes no pause) for so many seconds, and then while so many rows are archived and deleted.
 */
const ROWS = Number(process.argv[2] ?? 1_000_000)
const SECONDS = Number(process.argv[3] ?? 60)
const EACH_MS = 10
const CONNECTIONS = 10

const TABLES = `create table booking (id bigint generated always as identity primary key, created_at timestamptz not null default now(),
  guest text not null, note jsonb);
create index on booking (created_at);
create table entry (id bigint generated always as identity primary key, guest text not null, seen int not null default 0);`
const YAML = `name: t-bench-keep
services: { web: { start: node server.js, health: { path: /, interval: 200ms } } }
watch: 0
database: { postgres: true }
migrations: { tool: sql, folder: db }
retention:
  old: { table: booking, olderThan: 365d, do: archive, schedule: "0 0 29 2 *" }
`
const SERVER = `require('node:http').createServer((_, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1')`

/** Latencies in milliseconds of transactions that begin by the clock, until `over`. */
async function load(pool: pg.Pool, over: () => boolean): Promise<{ ms: number[]; failed: number }> {
  const found = { ms: [] as number[], failed: 0 }
  const open: Array<Promise<void>> = []
  const began = performance.now()
  for (let n = 0; !over(); n++) {
    await sleep(Math.max(0, began + n * EACH_MS - performance.now()))
    const due = began + n * EACH_MS
    open.push(
      transaction(pool, n).then(
        () => void found.ms.push(performance.now() - due),
        () => void found.failed++,
      ),
    )
  }
  await Promise.all(open)
  return found
}

async function transaction(pool: pg.Pool, n: number): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select guest from booking order by id desc limit 1')
    await client.query(`insert into booking (guest, note) values ('new', '{"a": 1}')`)
    await client.query('update entry set seen = seen + 1 where id = $1', [1 + (n % 1000)])
    await client.query('commit')
  } finally {
    client.release()
  }
}

const share = (ms: readonly number[], part: number): number =>
  Number((ms.toSorted((a, b) => a - b)[Math.floor(ms.length * part)] ?? Number.NaN).toFixed(2))

const bench = await makeBench()
try {
  const folder = join(bench.home, 'keep')
  await mkdir(join(folder, 'db'), { recursive: true })
  await writeFile(join(folder, 'innkeeper.yaml'), YAML)
  await writeFile(join(folder, 'server.js'), SERVER)
  await writeFile(join(folder, 'db/001.sql'), TABLES)
  await bench.inn(['deploy'], folder)
  const at = (name: string) => readFile(join(bench.home, 'postgres/t-bench-keep', name), 'utf8')
  const [port, password] = [Number(await at('port')), (await at('password')).trim()]
  const to = { host: '127.0.0.1', port, user: 'innkeeper', password, database: 't_bench_keep' }
  const pool = new pg.Pool({ ...to, max: CONNECTIONS })
  await pool.query(
    `insert into booking (created_at, guest, note) select now() - interval '2 years' + n * interval '1 second', md5(n::text),
       jsonb_build_object('room', n % 40, 'says', md5(n::text)) from generate_series(1, $1::int) n`,
    [ROWS],
  )
  await pool.query(`insert into entry (guest) select md5(n::text) from generate_series(1, 1000) n`)
  await pool.query('vacuum analyze')
  await pool.query('checkpoint')
  const round = async () => {
    const until = performance.now() + SECONDS * 1_000
    return load(pool, () => performance.now() > until)
  }
  // What the rows left behind is written and counted before anything is measured.
  await round()
  const before = await round()
  let over = false
  const run = bench.inn(['retention', 'run', 't-bench-keep'], folder).finally(() => {
    over = true
  })
  const during = await load(pool, () => over)
  const { outcome, ms } = await run
  const after = await round()
  const { receipts, archives } = await bench.client.get<RetentionList>('/api/apps/t-bench-keep/retention')
  const without = [...before.ms, ...after.ms]
  const figures = (all: readonly number[]) => ({ n: all.length, p50: share(all, 0.5), p99: share(all, 0.99) })
  console.log(
    JSON.stringify({
      ...{ outcome, seconds: Math.round(ms / 1_000), rows: receipts[0]?.rows, archives: archives.length },
      ...{ before: figures(before.ms), during: figures(during.ms), after: figures(after.ms) },
      failed: before.failed + during.failed + after.failed,
      ratio: Number((share(during.ms, 0.99) / share(without, 0.99)).toFixed(2)),
    }),
  )
  await pool.end()
} finally {
  await bench.remove()
}
