import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { plain } from '../server/src/kernel/output.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-tty'
const INN = join(import.meta.dirname, '../server/src/bin/inn.js')
const CTRL_C = '\x03'
const slow = (seconds: number) =>
  yaml(
    NAME,
    '',
    `    build: [["sh", "-c", "for i in $(seq ${seconds * 5}); do echo line $i; sleep 0.2; done"]]\n`,
  )

let server: Server
let app: Fixture

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, { 'innkeeper.yaml': yaml(NAME), 'server.js': serverJs('v1') })
  assert.equal((await app.deploy()).json.outcome, 'done')
})

after(() => server?.remove())

/** `inn deploy` with a person before it: util-linux' script gives it a terminal. */
function typed(args: readonly string[]) {
  // A shell that stays in between would die of the Ctrl-C, and tell its own end instead of the command's.
  const command = ['exec', process.execPath, '--disable-warning=ExperimentalWarning', INN, ...args].join(' ')
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: app.folder,
    env: { ...process.env, INNKEEPER_HOME: server.home, TERM: 'xterm', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  return {
    type: (keys: string) => void child.stdin.write(keys),
    ended,
    text: () => plain(text),
    async sees(words: string) {
      for (const end = Date.now() + 20_000; !text.includes(words); await sleep(50))
        assert.ok(Date.now() < end, `${words} was not seen in\n${text}`)
    },
  }
}

const QUESTION = '(then Enter)'
const idle = () => server.app(NAME, a => a.running === null && a.state === 'serving')

test('Ctrl-C, then u: the deploy is taken back, and the terminal says so', async () => {
  await app.write({ 'innkeeper.yaml': slow(20), 'server.js': serverJs('v2') })
  const it = typed(['deploy'])
  await it.sees('line 3')
  it.type(CTRL_C)
  await it.sees(QUESTION)
  const asked = it.text().length
  await sleep(600)
  assert.equal(it.text().length, asked, 'nothing is written over an open question')
  it.type('u\r')
  assert.equal(await it.ended, 1, it.text())
  assert.match(it.text(), /taking it back/)
  assert.match(it.text(), /undone after/)
  assert.equal((await idle()).release, 'r1')
})

test('Ctrl-C, then l: it goes on without the terminal', async () => {
  await app.write({ 'innkeeper.yaml': slow(3) })
  const it = typed(['deploy'])
  await it.sees('line 3')
  it.type(CTRL_C)
  await it.sees(QUESTION)
  it.type('l\r')
  assert.equal(await it.ended, 130, it.text())
  assert.match(it.text(), /goes on in the keeper/)
  await server.app(NAME, a => a.running === null && a.release !== 'r1')
  assert.notEqual((await idle()).release, 'r1')
})

test('Ctrl-C twice: it goes on without the terminal', async () => {
  const it = typed(['deploy', '--fresh'])
  await it.sees('line 3')
  it.type(CTRL_C)
  await it.sees(QUESTION)
  it.type(CTRL_C)
  assert.equal(await it.ended, 130, it.text())
  assert.match(it.text(), /goes on in the keeper/)
  await idle()
})

test('a deploy that ends while the question is open ends the command too', async () => {
  const it = typed(['deploy', '--fresh'])
  await it.sees('line 3')
  it.type(CTRL_C)
  await it.sees(QUESTION)
  assert.equal(await it.ended, 0, it.text())
  assert.match(it.text(), /done in/)
})
