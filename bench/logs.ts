/**
 * What logs cost: 20,000 lines a second through the filter, svlogd and zstd; a burst of 50,000 a second, of which each
 * line is counted; and a search through a million compressed lines, beside `zstdgrep`
 * (`search`: that alone). ROUNDS, SECONDS.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ageCipher, ensureKey } from '../server/src/drivers/age/age.ts'
import { writeLog } from '../server/src/drivers/runit/log.ts'
import { statOf, TICKS_PER_SECOND } from '../server/src/kernel/stat.ts'
import type { LogRules } from '../server/src/servers/supervisor/supervisor.ts'
import { readLogs } from '../server/src/watch/logs/read.ts'
import type { LogFilter } from '../server/src/watch/logs/wire.ts'
import { median } from './kit.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
const SECONDS = Number(process.env['SECONDS'] ?? 15)

/** A line as pino writes it of a request: 200 bytes. */
function line(n: number): string {
  const level = n % 1000 === 0 ? 50 : n % 100 === 0 ? 40 : n % 5 === 0 ? 20 : 30
  return `${JSON.stringify({
    ...{
      level,
      time: 1_795_824_000_000 + n * 86,
      pid: 4711,
      hostname: 'server',
      reqId: `req-${n.toString(36)}`,
    },
    ...{ req: { method: n % 7 ? 'GET' : 'POST', url: `/rooms/${(n * 7919) % 5000}/prices` } },
    ...{ res: { statusCode: 200 }, responseTime: ((n * 31) % 997) / 10 },
    msg: n % 1000 === 0 ? `room ${n} is taken` : 'request completed',
  })}\n`
}

/** What an app does: a write for each line, so many in each second. */
async function app(rate: number, seconds: number): Promise<void> {
  const begun = performance.now()
  for (let n = 0; n < rate * seconds; ) {
    const due = Math.min(rate * seconds, ((performance.now() - begun) / 1000) * rate)
    for (; n < due; n++) writeSync(1, line(n))
    await wait(1)
  }
  process.stderr.write(String(Math.round(performance.now() - begun)))
}

async function makeLog(logRules: LogRules) {
  const at = await mkdtemp(join(tmpdir(), 'inn-b-'))
  const folder = join(at, 'kept')
  for (const part of ['log', 'kept']) await mkdir(join(at, part))
  const spec = {
    name: 'web',
    argv: [],
    cwd: at,
    env: {},
    user: null,
    log: folder,
    tag: 'r1',
    graceSeconds: 1,
  }
  const key = join(at, 'keeper.key')
  await ensureKey(key, { first: true })
  await writeLog(at, { ...spec, logRules }, ageCipher(key))
  const keeps = spawn('./run', { cwd: join(at, 'log'), stdio: ['pipe', 'ignore', 'inherit'] })
  return { folder, keeps, remove: () => rm(at, { recursive: true, force: true }) }
}

/** Seconds of the processor that a process and its ended children took, and its own children's. */
async function processor(pid: number): Promise<number> {
  const of = async (one: number) => {
    const { fields } = statOf(await readFile(`/proc/${one}/stat`, 'utf8'))
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND
  }
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    .trim()
    .split(' ')
    .filter(Boolean)
  const all = await Promise.all([pid, ...children.map(Number)].map(one => of(one).catch(() => 0)))
  return all.reduce((sum, seconds) => sum + seconds, 0)
}

/** Feeds a log; resolves with how long the app took for it, and what share of a core the log took meanwhile. */
async function feed(keeps: ChildProcess, rate: number, seconds: number) {
  const writer = spawn(process.execPath, [import.meta.filename, 'app', String(rate), String(seconds)], {
    stdio: ['ignore', keeps.stdin as never, 'pipe'],
  })
  let took = ''
  writer.stderr!.on('data', chunk => {
    took += chunk
  })
  await once(writer, 'exit')
  await wait(300)
  const share = (await processor(keeps.pid!)) / seconds
  keeps.stdin!.end()
  if (keeps.exitCode === null) await once(keeps, 'exit')
  return { ms: Number(took), share }
}

async function linesOf(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter(name => name === 'current' || name.startsWith('@'))
  const plain = names.map(name => execFileSync('zstd', ['-dcfq', join(folder, name)], { maxBuffer: 1e9 }))
  return plain.reduce((sum, text) => sum + text.toString('latin1').split('\n').length - 1, 0)
}

const settled = async (folder: string) => {
  for (let n = 0; n < 100 && (await readdir(folder)).some(name => /\.[ut]$/.test(name)); n++) await wait(100)
}

const bytesOf = async (folder: string) => {
  const sizes = (await readdir(folder)).map(async name => (await stat(join(folder, name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const RULES: Array<[string, LogRules]> = [
  ['as it is', {}],
  [
    '20 secrets masked',
    {
      secrets: Object.fromEntries(
        Array.from({ length: 20 }, (_, n) => [`S${n}`, [`${n}-secret-of-an-app-${n * n}`]]),
      ),
    },
  ],
  ['masked, info 10 %', { secrets: { A: ['a-secret-of-an-app'] }, keep: { debug: 0, info: 0.1 } }],
]

async function intake(rate: number, seconds: number): Promise<void> {
  for (const [name, rules] of RULES) {
    const log = await makeLog(rules)
    const { ms, share } = await feed(log.keeps, rate, seconds)
    await settled(log.folder)
    const lines = await linesOf(log.folder)
    const sent = rate * seconds
    console.log(
      `${rate} lines/s for ${seconds} s, ${name}: ${(share * 100).toFixed(1)} % of a core, ${ms} ms, ${lines} of ${sent} lines on the disk in ${((await bytesOf(log.folder)) / 1e6).toFixed(1)} MB, load ${loadavg()[0]!.toFixed(1)}`,
    )
    await log.remove()
  }
}

const SEARCHES: Array<[string, LogFilter, string]> = [
  ['--grep', { grep: 'room 77000 is' }, 'room 77000 is'],
  ['--field', { field: ['reqId=req-1new'] }, '"reqId":"req-1new"'],
  ['--level error', { level: 'error' }, '"level":50'],
]

async function search(): Promise<void> {
  const log = await makeLog({})
  for (let n = 0; n < 1_000_000; ) {
    let text = ''
    for (const end = n + 10_000; n < end; n++) text += line(n)
    await new Promise(resolve => log.keeps.stdin!.write(text, resolve))
  }
  log.keeps.stdin!.end()
  await once(log.keeps, 'exit')
  await settled(log.folder)
  console.log(`a million lines: ${((await bytesOf(log.folder)) / 1e6).toFixed(1)} MB`)
  const files = (await readdir(log.folder)).filter(name => name.endsWith('.s'))
  const timed = async (work: () => Promise<unknown>) => {
    const begun = performance.now()
    await work()
    return performance.now() - begun
  }
  for (const [name, filter, text] of SEARCHES) {
    const [ours, theirs]: [number[], number[]] = [[], []]
    for (let n = 0; n < ROUNDS; n++) {
      ours.push(
        await timed(() =>
          readLogs([{ folder: log.folder, service: 'web', n: 1 }], filter, { lines: 10_000, now: 0 }),
        ),
      )
      theirs.push(
        await timed(async () =>
          // It ends with 1 where the last file has no match.
          spawnSync('zstdgrep', ['-ih', text, ...files], { cwd: log.folder, maxBuffer: 1e9 }),
        ),
      )
    }
    console.log(
      `${name}: ${Math.round(median(ours))} ms, zstdgrep -i ${Math.round(median(theirs))} ms, load ${loadavg()[0]!.toFixed(1)}`,
    )
  }
  await log.remove()
}

if (process.argv[2] === 'app') await app(Number(process.argv[3]), Number(process.argv[4]))
else {
  if (process.argv[2] !== 'search') {
    await intake(20_000, SECONDS)
    await intake(50_000, 4)
  }
  await search()
}
