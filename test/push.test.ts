import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exec } from '../server/src/drivers/host/exec.ts'
import { freePartPort } from '../server/src/drivers/host/ports.ts'
import type { Run } from '../server/src/engine/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'
import { type Sshd, startSshd } from './kit/sshd.ts'
import { ask } from './kit/visitors.ts'

const NAME = 't-push'
const FILE = yaml(NAME, 'protection: { branches: [main] }\n', '    build: node build.js\n')
/** A file that an archive of git would leave out, or change, by what the repository says of it. */
const ATTRIBUTES = 'build.js export-ignore\nserver.js filter=evil export-subst\n'

let server: Server
let sshd: Sshd
let app: Fixture
let address: string

interface Said {
  code: number
  text: string
}

/** Starts git on a laptop that reaches the server by ssh. */
function start(args: readonly string[], cwd = app.folder) {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always']
  const child = spawn('git', [...identity, ...args], {
    cwd,
    env: { ...process.env, ...sshd.env },
    detached: true,
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  const ended = new Promise<Said>(resolve => child.on('close', code => resolve({ code: code ?? -1, text })))
  const says = async (what: RegExp) => {
    for (const end = Date.now() + 20_000; !what.test(text); await sleep(20)) assert.ok(Date.now() < end, text)
  }
  return { child, ended, says }
}
const git = (...args: string[]) => start(args).ended
async function ok(...args: string[]): Promise<string> {
  const { code, text } = await git(...args)
  assert.equal(code, 0, text)
  return text
}
async function refused(...args: string[]): Promise<string> {
  const { code, text } = await git(...args)
  assert.notEqual(code, 0, text)
  assert.match(text, /\[remote rejected\]/)
  return text
}
const push = (...refs: string[]) => ['push', 'innkeeper', ...refs]
/** Commits these files, and everything else that is there. */
async function commit(files: Record<string, string | null>): Promise<void> {
  await app.write(files)
  await ok('add', '-A', '.')
  await ok('commit', '-qm', 'change')
}
const version = async () => JSON.parse((await ask((await server.app(NAME)).url!)).body).version as string
const tipThere = async () => (await ok('ls-remote', 'innkeeper', 'refs/heads/main')).split('\t')[0]!
const tipHere = async () => (await ok('rev-parse', 'HEAD')).trim()
const runs = () => server.client.get<Run[]>('/api/runs')
/** A build that takes so long; `lines`: what it prints at its end. */
const slow = (ms: number, lines = 1) =>
  `setTimeout(() => { for (let n = 0; n < ${lines}; n++) console.log('built'.padEnd(n && 90, '.')) }, ${ms})\n`

before(async () => {
  server = await makeServer()
  sshd = await startSshd(await freePartPort())
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': FILE,
    'server.js': serverJs('v1'),
    'build.js': slow(0),
    '.gitattributes': ATTRIBUTES,
  })
  const made = await server.inn(['git', 'init', NAME])
  assert.equal(made.code, 0, made.text)
  address = `ssh://root@127.0.0.1:${sshd.port}${made.json['path']}`
  await ok('init', '-q', '-b', 'main')
  await ok('remote', 'add', 'innkeeper', address)
  await commit({})
})
after(async () => {
  await sshd?.stop()
  await server?.remove()
})

test('a push of the branch is a deploy, with its progress in the output of git', async () => {
  const said = await ok(...push('main'))
  assert.match(said, /remote: deploy r1 of t-push/)
  assert.match(said, /remote: {5}built/)
  assert.match(said, /remote: t-push answers on http/)
  assert.ok(!said.includes('\x1b[3'), 'no colours')
  assert.equal(await version(), 'v1')
  assert.equal(await tipThere(), await tipHere())
  const list = await server.inn(['git', 'list'])
  assert.match(list.text, new RegExp(`"commit": "${await tipHere()}"`))
})

test('other branches and tags are kept and deploy nothing, and the branch itself stays', async () => {
  await ok('tag', 'v1')
  const said = await ok(...push('main:dev', 'v1'))
  assert.match(said, /dev is kept, and not deployed/)
  assert.match(said, /the tag v1 is kept/)
  assert.match(await refused(...push(':main')), /is the branch that t-push is deployed from/)
  assert.match(await ok(...push(':dev')), /t-push goes on as it is/)
  assert.equal((await server.app(NAME)).release, 'r1')
})

test('the branch that was pushed is the one that protection: asks about', async () => {
  assert.equal((await server.inn(['git', 'init', NAME, '--branch', 'dev'])).code, 0)
  assert.match(await refused(...push('main:dev')), /protection/)
  assert.equal((await server.inn(['git', 'init', NAME, '--branch', 'main'])).code, 0)
})

test('a push whose deploy fails is refused, and the branch stays at what serves', async () => {
  const before = await tipHere()
  await commit({ 'build.js': 'throw new Error("no sea")', 'server.js': serverJs('v2') })
  const said = await refused(...push('main', 'main:beside'))
  assert.match(said, /remote: +why: node build.js ended with 1/)
  assert.match(said, /nothing of this push is kept/)
  assert.deepEqual([await version(), await tipThere()], ['v1', before])
  assert.equal(await ok('ls-remote', 'innkeeper', 'refs/heads/beside'), '')
})

test('what is not the app, or not whole, is refused before anything is built', async () => {
  const good = await tipHere()
  const count = (await runs()).length
  const attempt = async (says: RegExp) => {
    await ok('add', '-A', '.')
    await ok('commit', '-qm', 'attempt')
    assert.match(await refused(...push('main')), says)
    await ok('reset', '-q', '--hard', good)
  }
  await rm(join(app.folder, 'innkeeper.yaml'))
  await attempt(/the commit has no innkeeper.yaml/)
  await symlink('/etc/shadow', join(app.folder, 'secret'))
  await attempt(/secret links to \/etc\/shadow, outside the folder/)
  await rm(join(app.folder, 'innkeeper.yaml'))
  await symlink('/etc/shadow', join(app.folder, 'innkeeper.yaml'))
  await attempt(/innkeeper.yaml links to \/etc\/shadow, outside the folder/)
  await app.write({ 'innkeeper.yaml': FILE.replace(NAME, 't-other') })
  await attempt(/the commit is of t-other/)
  const inner = join(app.folder, 'inner')
  await mkdir(inner)
  await start(['init', '-q'], inner).ended
  await writeFile(join(inner, 'a'), '')
  await start(['add', '.'], inner).ended
  await start(['commit', '-qm', 'inner'], inner).ended
  await attempt(/a push does not bring submodules: inner/)
  await rm(inner, { recursive: true })
  assert.equal((await runs()).length, count)
})

test('a push that another one overtook is refused before it is deployed, and nobody calls the hook by hand', async () => {
  const at = join(server.home, 'git', `${NAME}.git`)
  const hook = join(server.home, 'git/hooks/pre-receive')
  const tip = await tipThere()
  const called = (cwd: string, env: Record<string, string>) =>
    exec({
      ...{ argv: [hook], cwd, env, timeoutMs: 20_000 },
      input: `${'1'.repeat(40)} ${tip} refs/heads/main\n`,
    })
  const late = await called(at, { GIT_DIR: '.' })
  assert.deepEqual([late.code, /another push came first/.test(late.tail)], [1, true], late.tail)
  const elsewhere = await called(app.folder, { GIT_DIR: '.git' })
  assert.deepEqual([elsewhere.code, /is for the hook/.test(elsewhere.tail)], [2, true], elsewhere.tail)
})

test('a second push is told what is under way, and one that is interrupted ends no deploy', async () => {
  // More lines than the pipe of a hook holds, when nobody reads it any more.
  await commit({ 'build.js': slow(3_000, 2_000), 'server.js': serverJs('v3') })
  const first = start(push('main'))
  await first.says(/✓ prepare web/)
  await ok('checkout', '-q', '-b', 'other')
  await commit({ 'server.js': serverJs('v4') })
  const said = await refused(...push('other:main'))
  assert.match(said, /root began "deploy r\d of t-push"/)
  assert.match(said, /push again when it has ended/)
  process.kill(-first.child.pid!, 'SIGINT')
  assert.notEqual((await first.ended).code, 0)
  await ok('checkout', '-q', 'main')
  for (const end = Date.now() + 20_000; (await tipThere()) !== (await tipHere()); await sleep(200))
    assert.ok(Date.now() < end, 'the deploy went on, and the branch came after it')
  assert.equal(await version(), 'v3')
})

test('a forced push deploys what it brings, and says that it does not follow', async () => {
  await ok('reset', '-q', '--hard', 'v1')
  const said = await ok(...push('+main'))
  assert.match(said, /does not follow/)
  assert.equal(await version(), 'v1')
})

test('nothing of a push is left, and a repository is removed without the app', async () => {
  assert.deepEqual(
    (await readdir(tmpdir())).filter(name => name.startsWith('inn-push-')),
    [],
  )
  const removed = await server.inn(['git', 'remove', NAME, '--yes'])
  assert.deepEqual(removed.json, { removed: true })
  assert.equal((await server.inn(['git', 'remove', NAME])).json.failure?.code, 'repository.unknown')
  assert.equal(await version(), 'v1')
})
