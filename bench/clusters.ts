import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Backups } from '../server/src/data/backups/wire.ts'
import { statOf } from '../server/src/kernel/stat.ts'
import { type Bench, makeBench, median, proportionalMb, sleep } from './kit.ts'

/**
 * node bench/clusters.ts [apps...]: for each number of apps with a database (1, 5 and 20), what an app that nobody uses
 * costs: memory of its cluster and of the app's own sessions in it (proportional, so that shared pages count once), processor time of the keeper and of all
 * clusters, segments archived in ten minutes, and how long a round of backups of all apps takes.
 */
const COUNTS = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 5, 20]
const REST_SECONDS = 120
const TICKS_PER_SECOND = 100
const PACKAGES = join(import.meta.dirname, '../node_modules')

const configOf = (name: string): string => `name: ${name}
services:
  api:
    start: node server.cjs
    install: false
    env: { NODE_PATH: ${PACKAGES} }
    persist: [data]
    health: { path: /health, interval: 2s }
database: { postgres: true }
watch: 0
`

const pids = async (): Promise<number[]> =>
  (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)

/**
 * The processes of all clusters of the home: PostgreSQL names its data folder in its first process, whose children are
 * the rest. `sessions`: those that the apps hold open.
 */
async function clusterPids({ home }: Bench): Promise<{ own: number[]; sessions: number[] }> {
  const all = await Promise.all(
    (await pids()).map(async pid => {
      const [line, stat] = await Promise.all(
        ['cmdline', 'stat'].map(name => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
      )
      const parent = Number(statOf(stat!).fields[1])
      const session = / \S+_app \S+ /.test(` ${line!.replaceAll('\0', ' ')} `)
      return {
        pid,
        parent,
        session,
        first: line!.includes('/bin/postgres\0') && line!.includes(`${home}/postgres/`),
      }
    }),
  )
  const firsts = new Set(all.filter(one => one.first).map(one => one.pid))
  const found = all.filter(one => one.first || firsts.has(one.parent))
  const pidsOf = (session: boolean) => found.filter(one => one.session === session).map(one => one.pid)
  return { own: pidsOf(false), sessions: pidsOf(true) }
}

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const { fields } = statOf(stat)
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND
}

const sum = async (all: readonly number[], of: (pid: number) => Promise<number>): Promise<number> =>
  (await Promise.all(all.map(of))).reduce((one, two) => one + two, 0)

async function segments({ home }: Bench): Promise<number> {
  const all = await readdir(join(home, 'backups/pgbackrest/archive'), { recursive: true })
  return all.filter(name => /[0-9A-F]{24}-[0-9a-f]{40}/.test(name)).length
}

async function deployed(bench: Bench, count: number, before: number): Promise<void> {
  for (let n = before + 1; n <= count; n++) {
    await writeFile(join(bench.home, 'source/innkeeper.yaml'), configOf(`idle${n}`))
    await bench.inn(['deploy'])
  }
  for (;;) {
    const { points } = await bench.client.get<Backups>('/api/backups')
    const good = new Set(points.filter(p => p.state === 'good').map(p => p.app))
    if (good.size > count) return
    await sleep(1_000)
  }
}

async function atRest(bench: Bench, count: number) {
  // The first backups are over; what they left in memory settles.
  await sleep(60_000)
  const { pid } = (await bench.status()).keeper
  const clusters = await clusterPids(bench)
  const seen = async () => ({
    keeper: await cpuSeconds(pid),
    clusters: await sum([...clusters.own, ...clusters.sessions], cpuSeconds),
    segments: await segments(bench),
  })
  const one = await seen()
  await sleep(REST_SECONDS * 1_000)
  const two = await seen()
  const percent = (seconds: number) => Number(((seconds / REST_SECONDS) * 100).toFixed(2))
  return {
    clusterMb: Number(((await sum(clusters.own, proportionalMb)) / count).toFixed(1)),
    sessionsMb: Number(((await sum(clusters.sessions, proportionalMb)) / count).toFixed(1)),
    keeperMb: Math.round(await proportionalMb(pid)),
    keeperPercent: percent(two.keeper - one.keeper),
    clusterPercent: Number((percent(two.clusters - one.clusters) / count).toFixed(3)),
    segmentsInTenMinutes: Number((((two.segments - one.segments) / count) * (600 / REST_SECONDS)).toFixed(1)),
  }
}

/** Seconds of one round over all apps, and megabytes by which the keeper grew. */
async function nightly(bench: Bench) {
  const rss = async () => (await bench.status()).keeper.rssBytes / 1e6
  const before = await rss()
  const took: number[] = []
  for (let round = 0; round < 3; round++) {
    const started = performance.now()
    await bench.inn(['backup', 'now', '--all', '--wait'])
    took.push((performance.now() - started) / 1_000)
  }
  return { roundSeconds: Number(median(took).toFixed(1)), keeperGrewMb: Math.round((await rss()) - before) }
}

const bench = await makeBench()
const rows: object[] = []
try {
  await writeFile(
    join(bench.home, 'source/server.cjs'),
    await readFile(join(import.meta.dirname, 'data-app/server.cjs'), 'utf8'),
  )
  let before = 0
  for (const count of COUNTS) {
    await deployed(bench, count, before)
    rows.push({ apps: count, ...(await atRest(bench, count)), ...(await nightly(bench)) })
    console.log(JSON.stringify(rows.at(-1)))
    before = count
  }
  console.table(rows)
} finally {
  await bench.remove()
}
