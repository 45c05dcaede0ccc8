import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePartPort } from '../server/src/drivers/host/ports.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { failureOf, good } from './kit/proof.ts'
import { type Ended, makeServer, parse, type Server } from './kit/server.ts'
import { type Sshd, startSshd } from './kit/sshd.ts'
import { ask } from './kit/visitors.ts'

const INN = join(import.meta.dirname, '../inn')
const NAME = 't-far'

let server: Server
let sshd: Sshd
let app: Fixture

before(async () => {
  server = await makeServer()
  sshd = await startSshd(await freePartPort())
  app = await makeApp(server, NAME, { 'innkeeper.yaml': yaml(NAME), 'server.js': serverJs('v1') })
})
after(async () => {
  await sshd?.stop()
  await server?.remove()
})

const address = (home = server.home) => `ssh://root@127.0.0.1:${sshd.port}${home}`

/** A command of a laptop, on which there is no keeper. */
function laptop(args: readonly string[], { env = {}, cwd = '/', input = null as Buffer | null } = {}) {
  const { INNKEEPER_HOME: _, NODE_TEST_CONTEXT: __, ...own } = process.env
  const child = spawn(INN, args, { cwd, env: { ...own, ...sshd.env, ...env }, detached: true })
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? undefined)
  const out: Buffer[] = []
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk))
  const ended = new Promise<Ended & { out: Buffer; errors: string }>(resolve =>
    child.on('close', code => {
      const all = Buffer.concat(out)
      const json = parse(String(all))
      resolve({ code: code ?? -1, out: all, json, errors, text: `${all}${errors}` })
    }),
  )
  return { child, ended }
}
const far = (args: readonly string[], more?: Parameters<typeof laptop>[1]) =>
  laptop(['--host', address(), ...args], more).ended

/** Folders of ways to servers that are still there. */
const left = async () => (await readdir(tmpdir())).filter(name => name.startsWith('inn-ssh-'))

test('a laptop deploys to a server by ssh, and sees there what is seen at home', async () => {
  const done = await far(['deploy', '--json'], { cwd: app.folder })
  good(done)
  const status = await far(['status', '--json'])
  assert.equal(status.code, 0, status.text)
  const at = (status.json as unknown as { apps: Array<{ name: string; url: string }> }).apps.find(
    one => one.name === NAME,
  )
  assert.match((await ask(at!.url)).body, /v1/)
  assert.match((await far(['history'])).text, /deploy r1 of t-far/)
})

test('what a command there reads and writes arrives byte for byte, and its code is the code', async () => {
  const bytes = randomBytes(3_000_000)
  const copied = await far(['run', '--app', NAME, '--', 'cat'], { input: bytes })
  assert.equal(copied.code, 0, copied.errors)
  assert.ok(copied.out.equals(bytes), `${copied.out.length} bytes`)
  assert.equal((await far(['run', '--app', NAME, '--', 'sh', '-c', 'exit 7'])).code, 7)
})

test('a server has a name, and commands go to the one that is used until another one is', async () => {
  const known = await laptop(['server', 'use', 'prod', address()]).ended
  assert.match(known.text, /commands go to prod/)
  const status = await laptop(['status']).ended
  assert.match(status.errors, /on prod \(ssh:/)
  assert.match(status.out.toString(), /t-far +serving/)
  assert.equal((await laptop(['--host', 'prod', 'ps', NAME]).ended).code, 0)
  assert.match((await laptop(['server', 'list']).ended).text, /prod \* +ssh:/)
  const up = await laptop(['down', '--yes', '--json']).ended
  assert.match(failureOf(up, 'usage.host').fix, /ssh -t root@127.0.0.1 inn down/)
  assert.equal((await server.app(NAME)).state, 'serving')
  assert.match((await laptop(['server', 'use', '--here']).ended).text, /this machine/)
  assert.equal((await laptop(['server', 'forget', 'prod']).ended).code, 0)
})

test('the dashboard is brought here until Ctrl-C', async t => {
  const { child, ended } = laptop(['--host', address(), 'open'])
  t.after(() => child.kill())
  const printed = new Promise<string>(resolve =>
    child.stdout.on('data', (chunk: Buffer) => {
      const [url] = /http:\S+/.exec(String(chunk)) ?? []
      if (url !== undefined) resolve(url)
    }),
  )
  const url = await Promise.race([printed, ended.then(({ text }) => assert.fail(text))])
  assert.match((await ask(`${url}/api/status`)).body, /access.closed/)
  process.kill(-child.pid!, 'SIGINT')
  await ended
  await assert.rejects(ask(`${url}/`))
  assert.deepEqual(await left(), [])
})

test('Ctrl-C leaves a change to the keeper, as at home, and nothing of ssh stays', async () => {
  await app.write({ 'innkeeper.yaml': yaml(NAME, '', '    build: sleep 3\n'), 'server.js': serverJs('v2') })
  const { child, ended } = laptop(['--host', address(), 'deploy'], { cwd: app.folder })
  while ((await server.app(NAME)).running === null) await sleep(50)
  process.kill(-child.pid!, 'SIGINT')
  const stopped = await ended
  assert.equal(stopped.code, 130, stopped.text)
  assert.match(stopped.text, /goes on/)
  const after = await server.app(NAME, ({ running, release }) => running === null && release === 'r2')
  assert.equal(after.release, 'r2')
  assert.deepEqual(
    (await readdir(tmpdir())).filter(name => name.startsWith('inn-ssh-')),
    [],
  )
})

test('a server that cannot be reached, or on which nothing answers, is told apart, in words of ssh', async () => {
  const fails = async (to: string, code: string) =>
    failureOf(await laptop(['--host', to, 'status', '--json']).ended, code)
  const away = await fails(`ssh://root@127.0.0.1:${await freePartPort()}`, 'host.unreachable')
  assert.match(away.why, /Connection refused/)
  assert.match(away.fix, /^`ssh -p \d+ root@127.0.0.1 true` must work first$/)
  const closing = createServer(socket => socket.end('SSH-2.0-closes\r\n')).listen(0, '127.0.0.1')
  await new Promise(resolve => closing.once('listening', resolve))
  const { port } = closing.address() as { port: number }
  assert.match((await fails(`ssh://root@127.0.0.1:${port}`, 'host.unreachable')).why, /closed|reset/i)
  closing.close()
  const none = await fails(address('/nowhere'), 'keeper.unreachable')
  assert.match(none.why, /open failed|connect failed|No such file/i)
  assert.match(none.fix, /inn up/)
  await fails('-oProxyCommand=true', 'usage.host')
  await sshd.allow('none')
  assert.match((await fails(address(), 'host.unreachable')).why, /Permission denied/)
  await sshd.allow('known')
  await sshd.newHostKey()
  assert.match((await fails(address(), 'host.unreachable')).why, /Host key verification failed|HAS CHANGED/i)
})
