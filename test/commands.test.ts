import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-cmd'
const INN = join(import.meta.dirname, '../server/src/bin/inn.js')
const FLAGS = ['--disable-warning=ExperimentalWarning', '--', INN]

let server: Server
let app: Fixture

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, 'database: { postgres: true }\n'),
    'server.js': serverJs('v1'),
  })
  const deployed = await app.deploy()
  assert.equal(deployed.code, 0, deployed.text)
})

after(() => server?.remove())

/** Runs `inn` with streams of its own, as in a shell. */
function piped(args: readonly string[]) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, [...FLAGS, ...args], {
    cwd: app.folder,
    env: { ...env, INNKEEPER_HOME: server.home },
    stdio: 'pipe',
  })
  child.stdin.on('error', () => {})
  const ended = Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    new Promise<number | null>(resolve => child.on('close', resolve)),
  ]).then(([out, err, code]) => ({ out, err: err.toString(), code }))
  return { child, ended }
}

const node = (script: string, ...flags: string[]) => ['run', ...flags, '--', 'node', '-e', script]

/** The same with a terminal before it; what is typed comes after `waitFor` was seen. */
async function onTerminal(args: readonly string[], { waitFor, keys }: { waitFor: string; keys: string }) {
  const quoted = args.map(arg => `'${arg.replaceAll("'", "'\\''")}'`).join(' ')
  const command = `stty rows 33 cols 77; exec ${process.execPath} ${FLAGS.join(' ')} ${quoted}`
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: app.folder,
    env: { ...process.env, INNKEEPER_HOME: server.home, TERM: 'xterm', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const closed = new Promise<number | null>(resolve => child.on('close', resolve))
  for (const end = Date.now() + 20_000; !text.includes(waitFor); await sleep(20))
    assert.ok(Date.now() < end, text)
  child.stdin.write(keys)
  return { text: () => text, code: await closed }
}

test('bytes go in and out as they are, megabytes at the speed of a pipe', async () => {
  const bytes = randomBytes(24 * 1024 ** 2)
  const { child, ended } = piped(['run', '--', 'cat'])
  const began = performance.now()
  child.stdin.end(bytes)
  const { out, err, code } = await ended
  const digest = (value: Buffer) => createHash('sha256').update(value).digest('hex')
  assert.deepEqual([out.length, digest(out), err, code], [bytes.length, digest(bytes), '', 0])
  // Far above what it takes, and far below what a line or a byte at a time would.
  assert.ok(performance.now() - began < 15_000, `it took ${performance.now() - began} ms`)
})

test('the two outputs stay apart, and the exit code is that of the command, also after a signal', async () => {
  const said = await piped(node('process.stdout.write("out"); process.stderr.write("err"); process.exit(9)'))
    .ended
  assert.deepEqual([said.out.toString(), said.err, said.code], ['out', 'err', 9])
  assert.equal((await piped(node('process.kill(process.pid, "SIGKILL")')).ended).code, 137)
})

test('a signal reaches the command, which decides what it does', async () => {
  const script = `process.on("SIGTERM", () => { console.log("leaving"); process.exit(4) }); console.log("up"); setInterval(() => {}, 1000)`
  const { child, ended } = piped(node(script))
  await new Promise(resolve => child.stdout.once('data', resolve))
  child.kill('SIGTERM')
  const { out, code } = await ended
  assert.deepEqual([out.toString(), code], ['up\nleaving\n', 4])
})

test('a command that reads nothing ends while its input is open; one whose reader is slow loses nothing', async () => {
  assert.equal((await piped(node('console.log(1)')).ended).out.toString(), '1\n')
  const { child, ended } = piped(node('process.stdout.write("x".repeat(3_000_000))'))
  child.stdout.pause()
  await sleep(2_500)
  child.stdout.resume()
  assert.equal((await ended).out.length, 3_000_000)
})

test('the command has the variables of its service, its port too', async () => {
  const script = 'console.log(process.env.PORT, process.env.INNKEEPER_SERVICE, process.env.PGPASSWORD)'
  assert.match((await piped(node(script)).ended).out.toString(), /^\d+ web undefined\n$/)
})

test('psql reads SQL from a pipe, and has a terminal where there is one', async () => {
  const { child, ended } = piped(['run', '--', 'psql', '-At'])
  child.stdin.end('select 6 * 7;')
  assert.deepEqual((await ended).out.toString(), '42\n')
  const shown = await onTerminal(['run', '--', 'psql'], { waitFor: '=>', keys: 'select 6 * 7 as n;\n\\q\n' })
  assert.match(shown.text().replaceAll('\r', ''), /n +\n-{4}\n 42/)
  assert.equal(shown.code, 0)
})

test('the shell of the owner drops what the app may not', async () => {
  const shell = (text: string, ...flags: string[]) => {
    const { child, ended } = piped(['db', 'shell', NAME, ...flags])
    child.stdin.end(text)
    return ended
  }
  assert.equal((await shell('create table helper (id int)', '--owner')).err, '')
  assert.match((await shell('drop table helper')).err, /must be owner/)
  assert.equal((await shell('drop table helper', '--owner')).err, '')
  assert.match((await shell('select 1', '--copy', 'nope')).err, /there is no copy nope/)
})

test('the terminal has the size of ours, and Ctrl-C goes to the command', async () => {
  const script = `process.on("SIGINT", () => process.exit(6)); console.log([process.stdout.columns, process.stdout.rows, process.stdin.isTTY].join(" ")); setInterval(() => {}, 1000)`
  const shown = await onTerminal(node(script), { waitFor: '77 33 true', keys: '\x03' })
  assert.equal(shown.code, 6)
})
