import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IsolationOrder } from '../../data/drills/isolation.ts'
import { Failure } from '../../kernel/failure.ts'
import { isolation } from './isolation.ts'
import { freePartPort } from './ports.ts'

const PROGRAM = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  join(import.meta.dirname, '../../bin/isolated.ts'),
]
const PORT = 3000
/** Seconds that a child would sleep: of this run alone, so that no other process of the machine is taken for it. */
const SLEEPS = `4711.${process.pid}`

/** A program that tries to get out, and answers with what it found. */
const APP = `
const { connect } = require('node:net')
const { existsSync, writeFileSync } = require('node:fs')
const reach = to => new Promise(done => {
  const socket = connect(to, () => done(true))
  socket.on('error', () => done(false))
  setTimeout(() => done(false), 500)
})
require('node:http').createServer(async (_, response) => response.end(JSON.stringify({
  host: await reach({ host: '127.0.0.1', port: Number(process.env.OUTSIDE) }),
  world: await reach({ host: '192.0.2.1', port: 80 }),
  socket: existsSync(process.env.SOCKET),
  brought: await reach({ host: '127.0.0.1', port: 5432 }),
  processes: require('node:fs').readdirSync('/proc').filter(name => /^[0-9]+$/.test(name)).length,
}))).listen(${PORT}, '127.0.0.1')
writeFileSync(process.env.KEPT + '/more', 'written inside')
`

let folder: string
let outside: Server
let socket: Server
let reached = 0
let port: number

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inn-isolation-'))
  for (const name of ['run', 'kept']) await mkdir(join(folder, name))
  await writeFile(join(folder, 'kept/file'), 'as it was')
  port = await freePartPort()
  const count = () => void reached++
  outside = createServer(count).listen(port, '127.0.0.1')
  socket = createServer(s => void s.end()).listen(join(folder, 'run/real.sock'))
})

after(async () => {
  outside.close()
  socket.close()
  await rm(folder, { recursive: true, force: true })
})

const order = (code: string): IsolationOrder => ({
  at: join(folder, 'isolated'),
  processes: [
    {
      name: 'web',
      argv: [process.execPath, '-e', code],
      cwd: join(folder, 'kept'),
      env: {
        OUTSIDE: String(port),
        SOCKET: join(folder, 'run/real.sock'),
        KEPT: join(folder, 'kept'),
      },
    },
  ],
  brought: [{ port: 5432, socket: join(folder, 'run/real.sock') }],
  asked: [PORT],
  scratch: [join(folder, 'kept')],
  hidden: [join(folder, 'run')],
  signal: AbortSignal.timeout(20_000),
  say: () => {},
})

test('what runs inside reaches what was brought and nobody else, and writes nothing that stays', async () => {
  const found = await isolation(PROGRAM).during(order(APP), async probe => {
    // With an end: this goes on when nothing could be started, and the test would wait for it instead of failing.
    for (const end = Date.now() + 15_000; Date.now() < end; await sleep(50)) {
      const open = await probe.tcp(PORT, 1_000).then(
        () => true,
        () => false,
      )
      if (open) return JSON.parse((await probe.http(PORT, '/', 5_000)).body) as Record<string, unknown>
    }
    throw new Error('it never listened')
  })
  const { processes, ...rest } = found
  assert.deepEqual(rest, { host: false, world: false, socket: false, brought: true })
  assert.ok(Number(processes) <= 3, 'it sees no process of this machine')
  assert.equal(reached, 0)
  assert.deepEqual(await readdir(join(folder, 'kept')), ['file'])
  assert.equal(await readFile(join(folder, 'kept/file'), 'utf8'), 'as it was')
  assert.ok(!(await readdir(folder)).includes('isolated'))
})

test('a program that ends by itself is told of with what it said, and none of it is left', async () => {
  const code = 'console.log("Error: no such table"); process.exit(3)'
  const asked = isolation(PROGRAM).during(order(code), () => sleep(20_000, null, { ref: false }))
  await assert.rejects(asked, (error: Failure) => {
    assert.equal(error.code, 'isolation.ended')
    assert.match(error.why, /no such table[\s\S]*exit code 3/)
    return true
  })
})

test('where the walls cannot be made, nothing is started', async () => {
  const missing = { ...order('console.log("it ran")'), scratch: ['/nowhere/at/all'] }
  const asked = isolation(PROGRAM).during(missing, () => sleep(20_000, null, { ref: false }))
  await assert.rejects(asked, (error: unknown) => {
    assert.ok(error instanceof Failure && error.code === 'isolation.none', String(error))
    assert.doesNotMatch(error.why, /it ran/)
    return true
  })
})

test('what is cancelled ends at once, with everything that it started', async () => {
  const abort = new AbortController()
  const code = `require('node:child_process').spawn('sleep', ['${SLEEPS}'], { detached: true }); setInterval(() => {}, 1000)`
  const asked = isolation(PROGRAM).during({ ...order(code), signal: abort.signal }, async () => {
    await sleep(600)
    abort.abort(new Error('taken back'))
    return sleep(20_000, null, { ref: false })
  })
  const begun = Date.now()
  await assert.rejects(asked, /taken back/)
  assert.ok(Date.now() - begun < 5_000)
  // The kernel kills the others when the first process is gone, which is a moment later.
  for (const end = Date.now() + 2_000; (await sleeping()).length > 0; await sleep(20))
    assert.ok(Date.now() < end, `${await sleeping()} is left`)
})

const sleeping = async (): Promise<string[]> => {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return pids.filter((_, n) => lines[n]!.includes(SLEEPS))
}
