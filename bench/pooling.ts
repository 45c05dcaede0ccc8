import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { makePooled } from '../test/kit/pooler.ts'

/**
 * node bench/pooling.ts [rounds]: what a pooler costs an app, and what it carries. Each round asks directly and through the
 * pooler in turn, a fixed number of requests a second, each a transaction of three statements by a pool of node-postgres;
 * a request's time is from its moment on, also while it waits. Then 400 clients ask 20 connections as fast as they can.
 */
const ROUNDS = Number(process.argv[2] ?? 9)
const RATE = Number(process.env['RATE'] ?? 200)
const SECONDS = Number(process.env['SECONDS'] ?? 8)
const SIZE = 20
const CLIENTS = 400
const EACH = 50
const ROWS = 100_000

const at = await makePooled({ size: SIZE, clients: CLIENTS })
let failed = 0
const note = () => void failed++

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!
const median = (all: readonly number[]): number =>
  quantile(
    [...all].sort((a, b) => a - b),
    0.5,
  )
const short = (ms: number): number => Math.round(ms * 100) / 100

async function request(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const id = 1 + Math.floor(Math.random() * ROWS)
    await client.query('select * from guest where id between $1 and $1 + 50', [id])
    await client.query('update guest set visits = visits + 1 where id = $1', [id])
    await client.query('commit')
  } finally {
    client.release()
  }
}

/** Milliseconds of each request, in order. */
async function load(pool: pg.Pool): Promise<number[]> {
  const times: number[] = []
  const under: Promise<void>[] = []
  const begun = performance.now()
  for (let n = 0; n < RATE * SECONDS; n++) {
    const due = begun + (n * 1_000) / RATE
    while (performance.now() < due) await sleep(1)
    under.push(request(pool).then(() => void times.push(performance.now() - due), note))
  }
  await Promise.all(under)
  return times.sort((a, b) => a - b)
}

const poolAt = (connectionString: string): pg.Pool => new pg.Pool({ connectionString, max: SIZE })

async function cost(): Promise<object> {
  const pools = { direct: poolAt(at.direct), pooled: poolAt(at.pooled) }
  for (const pool of Object.values(pools)) await load(pool)
  const seen: Record<keyof typeof pools, number[][]> = { direct: [], pooled: [] }
  for (let round = 0; round < ROUNDS; round++)
    for (const way of round % 2 === 0 ? (['direct', 'pooled'] as const) : (['pooled', 'direct'] as const))
      seen[way].push(await load(pools[way]))
  await Promise.all(Object.values(pools).map(pool => pool.end()))
  const of = (way: keyof typeof pools, q: number) => seen[way].map(times => quantile(times, q))
  const ratios = (q: number) => of('pooled', q).map((ms, round) => ms / of('direct', q)[round]!)
  return Object.fromEntries(
    [0.5, 0.99].map(q => [
      `p${q * 100}`,
      {
        direct: short(median(of('direct', q))),
        pooled: short(median(of('pooled', q))),
        ratio: short(median(ratios(q))),
        ratios: ratios(q).map(short),
      },
    ]),
  )
}

async function crowd(): Promise<object> {
  const clients = Array.from({ length: CLIENTS }, () => new pg.Client({ connectionString: at.pooled }))
  const watcher = new pg.Client({ connectionString: at.direct })
  await watcher.connect()
  for (const client of clients) client.on('error', note)
  await Promise.all(clients.map(client => client.connect()))
  let most = 0
  const watching = setInterval(
    () =>
      void watcher
        .query(
          "select count(*)::int as n from pg_stat_activity where datname = 'shop' and pid <> pg_backend_pid()",
        )
        .then(({ rows }) => {
          most = Math.max(most, rows[0].n)
        }),
    100,
  )
  const begun = performance.now()
  const ask = async (client: pg.Client) => {
    for (let n = 0; n < EACH; n++)
      await client.query('select * from guest where id = $1', [1 + ((n * 7_919) % ROWS)]).catch(note)
  }
  await Promise.all(clients.map(ask))
  const seconds = (performance.now() - begun) / 1_000
  clearInterval(watching)
  const kilobytes = Number(/^Pss:\s+(\d+)/m.exec(await readFile(`/proc/${at.pid}/smaps_rollup`, 'utf8'))?.[1])
  await Promise.all([...clients, watcher].map(client => client.end()))
  return {
    ...{ clients: CLIENTS, asked: CLIENTS * EACH, connections: most },
    ...{ perSecond: Math.round((CLIENTS * EACH) / seconds), poolerMb: short(kilobytes / 1_024) },
  }
}

try {
  const client = new pg.Client({ connectionString: at.direct })
  await client.connect()
  await client.query(
    `create table guest (id int primary key, name text, visits int not null default 0);
     insert into guest select n, 'guest ' || n from generate_series(1, ${ROWS}) n; analyze guest`,
  )
  await client.end()
  console.log(
    JSON.stringify({ version: at.version.join('.'), rate: RATE, rounds: ROUNDS, ...(await cost()) }),
  )
  console.log(JSON.stringify(await crowd()))
  console.log(JSON.stringify({ failed }))
} finally {
  await at.remove()
}
