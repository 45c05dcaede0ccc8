import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { FIRST, forgetGrown, grow, type Size } from './grown-home.ts'
import { type Bench, makeBench, median, proportionalMb, run, sleep } from './kit.ts'

/**
 * node bench/growth.ts [apps...]: how the keeper does as a home grows to 50 apps, 1,000 releases and 100,000 runs, or
 * at those stages alone that have so many apps. All apps have a second place for backups, which takes connections and
 * never answers.
 */
const WANTED = process.argv.slice(2).map(Number)
const STAGES: Size[] = [
  { apps: 1, releases: 1, runs: 1 },
  { apps: 5, releases: 50, runs: 1_000 },
  { apps: 20, releases: 500, runs: 10_000 },
  { apps: 50, releases: 1_000, runs: 100_000 },
]
const REQUESTS = 200
const COMMANDS = 5
const INN = join(import.meta.dirname, '../inn')

/** `nothing`: a question that takes no work shows how long the machine lets anybody wait. */
const PATHS = {
  nothing: '/api/health',
  status: '/api/status',
  backups: '/api/backups?soon=true',
  audit: '/api/audit',
  'audit of an app': `/api/audit?app=${FIRST}`,
  runs: '/api/runs',
}

/** Asks once and reads the whole answer; milliseconds. */
function ask(bench: Bench, path: string): Promise<number> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const socketPath = join(bench.home, 'run/keeper.sock')
    const sent = request({ socketPath, path, timeout: 120_000 }, answer => {
      answer.resume().on('end', () => {
        const ms = performance.now() - started
        if (answer.statusCode === 200) resolve(ms)
        else reject(new Error(`${path}: ${answer.statusCode}`))
      })
    })
    sent.on('error', reject).end()
  })
}

const percentile = (values: readonly number[], p: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(values.length * p) - 1)]!
const short = (ms: number): number => Number(ms.toFixed(1))

/** The median and the 99th percentile of an answer, and the first one of all. */
async function answering(bench: Bench, path: string) {
  const first = await ask(bench, path)
  const took: number[] = []
  for (let n = 0; n < REQUESTS; n++) {
    took.push(await ask(bench, path))
    // The timers of the keeper come in between, as they do for a person.
    await sleep(20)
  }
  return { first: short(first), p50: short(median(took)), p99: short(percentile(took, 0.99)) }
}

async function commandMs(bench: Bench, args: string[]): Promise<number> {
  const took: number[] = []
  for (let n = 0; n < COMMANDS; n++) {
    const started = performance.now()
    const env = { ...process.env, INNKEEPER_HOME: bench.home }
    await run([INN, ...args], { cwd: join(bench.home, 'source'), env })
    took.push(performance.now() - started)
  }
  return Math.round(median(took))
}

/** From the kill of the keeper to its first answer, the supervisor's time included. */
async function startMs(bench: Bench): Promise<number> {
  const took: number[] = []
  for (let n = 0; n < 3; n++) {
    const { pid } = (await bench.status()).keeper
    const started = performance.now()
    process.kill(pid, 'SIGKILL')
    for (;;) {
      try {
        await ask(bench, '/api/status')
        break
      } catch {
        await sleep(10)
      }
    }
    took.push(performance.now() - started)
    // The supervisor waits a second before it starts again what ended at once.
    await sleep(3_000)
  }
  return Math.round(median(took))
}

async function measure(bench: Bench, size: Size) {
  const start = await startMs(bench)
  const answers: Record<string, Awaited<ReturnType<typeof answering>>> = {}
  for (const [name, path] of Object.entries(PATHS)) answers[name] = await answering(bench, path)
  const [status, plan] = [await commandMs(bench, ['status']), await commandMs(bench, ['deploy', '--plan'])]
  // Once a minute the keeper frees what it does not need.
  await sleep(65_000)
  const { pid } = (await bench.status()).keeper
  return { size, start, status, plan, memoryMb: Math.round(await proportionalMb(pid)), answers }
}

type Measured = Awaited<ReturnType<typeof measure>>

const shown = ({ size: { apps, releases, runs } }: Measured): string =>
  [apps, releases, runs].map(n => n.toLocaleString('en')).join(' · ')

/** The rows and the chart for docs/benchmarks.md. */
function document(all: readonly Measured[]): string {
  const names = Object.keys(PATHS)
  const row = (cells: ReadonlyArray<string | number>) => `| ${cells.join(' | ')} |`
  const heads = ['apps · releases · runs', 'start after a kill', '`inn status`', 'a plan', 'memory']
  const cells = (one: Measured) => [
    ...[shown(one), `${one.start} ms`, `${one.status} ms`, `${one.plan} ms`, `${one.memoryMb} MB`],
    ...names.map(name => `${one.answers[name]!.p50} · ${one.answers[name]!.p99} ms`),
  ]
  const series = (of: (one: Measured) => number) => `[${all.map(of).join(', ')}]`
  return [
    row([...heads, ...names]),
    row([...heads, ...names].map(() => '---')),
    ...all.map(one => row(cells(one))),
    '',
    '```mermaid',
    'xychart-beta',
    '  title "As a home grows, ms: inn status, a plan, the start after a kill (lines, from below)"',
    `  x-axis "apps" ${series(one => one.size.apps)}`,
    `  y-axis "ms" 0 --> ${Math.ceil(Math.max(...all.flatMap(one => [one.start, one.status, one.plan])) / 500) * 500}`,
    `  line ${series(one => one.status)}`,
    `  line ${series(one => one.plan)}`,
    `  line ${series(one => one.start)}`,
    '```',
  ].join('\n')
}

/** A place that takes every connection and never answers. */
async function silentPlace() {
  const server = createServer(socket => void socket.on('error', () => {}))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return (server.address() as AddressInfo).port
}

const bench = await makeBench()
const source = join(bench.home, 'source')
const port = await silentPlace()
await mkdir(join(source, 'public'))
await writeFile(join(source, 'public/index.html'), '<p>hello</p>\n')
await writeFile(
  join(source, 'innkeeper.yaml'),
  `name: ${FIRST}
services:
  web: { static: public }
watch: 0
backups:
  where:
    local: { folder: ${join(bench.home, 'kept')} }
    away: { s3: { endpoint: "https://127.0.0.1:${port}", bucket: nobody, keyId: none, secret: none } }
`,
)
const load = async () => (await readFile('/proc/loadavg', 'utf8')).split(' ')[0]!
const all: Measured[] = []
let size = STAGES[0]!
try {
  await bench.inn(['deploy'])
  for (const next of STAGES.filter(({ apps }) => WANTED.length === 0 || WANTED.includes(apps))) {
    // Nobody else writes to the store meanwhile.
    await bench.inn(['down', '--yes'], '/')
    await grow(bench.home, size, next)
    size = next
    await bench.inn(['up'], '/')
    const one = await measure(bench, next)
    all.push(one)
    console.error(JSON.stringify({ load: await load(), ...one }))
  }
  console.log(document(all))
} finally {
  await bench.inn(['down', '--yes'], '/')
  await forgetGrown(bench.home, size)
  await bench.inn(['up'], '/')
  await bench.remove()
}
