import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { type Fixture, makeApp, serverJs, workerJs, yaml } from './kit/app.ts'
import { type Proof, prove } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-build'
const plain = yaml(NAME)
/** The same with this build command of web, and limits of the app. */
const building = (build: string[], limits = ''): string =>
  plain.replace('    drain: 1s\n', `    drain: 1s\n    build: [${JSON.stringify(build)}]\n`) + limits

let server: Server
let app: Fixture
let proof: Proof

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, { 'innkeeper.yaml': plain, 'server.js': serverJs('v1') })
  proof = await prove(server, app)
})

after(async () => {
  await proof?.visitors.leave()
  await server?.remove()
})

async function bad(code: string, config: string, files: Record<string, string> = {}) {
  await app.write({ 'innkeeper.yaml': config, ...files })
  const failure = await proof.harmless(code, () => app.deploy())
  await app.write({ 'innkeeper.yaml': plain, ...Object.fromEntries(Object.keys(files).map(f => [f, null])) })
  return failure
}

test('dependencies and no lockfile', async () => {
  const failure = await bad('build.no-lockfile', plain, {
    'package.json': '{"name":"x","dependencies":{"left-pad":"1.3.0"}}',
  })
  assert.match(failure.fix, /package-lock/)
})

test('the lockfile of another package is not taken', async () => {
  await bad('build.no-lockfile', plain.replace('    drain: 1s\n', '    drain: 1s\n    root: server\n'), {
    'package.json': '{"name":"pages"}',
    'package-lock.json': '{"name":"pages","lockfileVersion":3,"packages":{}}',
    'server/package.json': '{"name":"x","dependencies":{"left-pad":"1.3.0"}}',
    'server/server.js': serverJs('v1'),
  })
})

test('services with the same folder and the same build are built once', async () => {
  const counts = JSON.stringify(['node', '-e', `require('fs').appendFileSync('built', 'x')`])
  const built = plain.replace('    drain: 1s\n', `    drain: 1s\n    build: [${counts}]\n`)
  const two = built.replace(
    'watch: 0',
    `  mails: { start: node worker.js, worker: true, build: [${counts}] }\nwatch: 0`,
  )
  await app.write({ 'innkeeper.yaml': two, 'worker.js': workerJs })
  const ended = await app.deploy()
  assert.equal(ended.json.outcome, 'done', ended.text)
  const tree = join(server.home, 'apps', NAME, 'releases', ended.json.release!, 'tree')
  assert.equal(await readFile(join(tree, 'built'), 'utf8'), 'x')
  await app.write({ 'innkeeper.yaml': plain, 'worker.js': null })
  await proof.recovers()
})

test('a build that fails: its last lines are in the answer', async () => {
  const failure = await bad(
    'build.failed',
    building(['node', '-e', `console.error('cannot find widget'); process.exit(3)`]),
  )
  assert.match(failure.why, /ended with 3\ncannot find widget/)
})

test('a build that hangs is ended, with all that it started', async () => {
  const marker = `hang${process.pid}`
  const hang = `require('child_process').spawn('sh', ['-c', 'sleep 1000; echo ${marker}'], {stdio: 'ignore'}); setInterval(() => {}, 1000)`
  const failure = await bad('exec.timeout', building(['node', '-e', hang], 'buildTimeout: 1s\n'))
  assert.match(failure.why, /within 1(\.0)? s/)
  const { stdout } = await execOk({ argv: ['ps', '-eo', 'args'], timeoutMs: 5_000 }, 'ps')
  assert.ok(!stdout.split('\n').some(line => line.startsWith('sh -c sleep') && line.includes(marker)))
})

test('a build that eats memory is ended before the services feel it', async () => {
  const eat = `const all = []; setInterval(() => all.push(Buffer.alloc(20e6, 1)), 20)`
  const failure = await bad('exec.memory', building(['node', '-e', eat]))
  assert.match(failure.why, /more than the 300 MB/)
})

test('a program that is not there', async () => {
  const failure = await bad('build.failed', building(['no-such-bundler', '--production']))
  assert.match(failure.why, /there is no program no-such-bundler/)
})

test('a folder that the source does not have', async () => {
  await bad('config.invalid', plain.replace('    drain: 1s\n', '    drain: 1s\n    root: packages/web\n'))
})

test('after all of these, the next good deploy works', () => proof.recovers())

test('disk nearly full: the build is not begun, and works when there is room again', async () => {
  const home = await mkdtemp(join(tmpdir(), 'inn-t-'))
  await execOk(
    { argv: ['mount', '-t', 'tmpfs', '-o', 'size=1500m,mode=711', 'tmpfs', home], timeoutMs: 10_000 },
    'mount',
  )
  let small: Server | null = null
  let shown: Proof | null = null
  try {
    small = await makeServer({ at: home })
    const shop = await makeApp(small, 't-full', {
      'innkeeper.yaml': yaml('t-full'),
      'server.js': serverJs('v1'),
    })
    shown = await prove(small, shop)
    const { bavail, bsize } = await statfs(home)
    const ballast = join(home, 'ballast')
    await writeFile(ballast, Buffer.alloc(bavail * bsize - 60e6))
    await shop.write({ 'server.js': serverJs('v2') })
    const failure = await shown.harmless('build.no-disk', () => shop.deploy())
    assert.match(failure.why, /MB free/)
    await shop.write({ 'server.js': serverJs('v1') })
    await shown.recovers() // What was built before needs no room.
    // Full to the last byte: what is refused may be refused anywhere, and changes nothing either.
    await writeFile(join(home, 'more'), Buffer.alloc(Math.max(0, 60e6 - 200_000))).catch(() => {})
    await shop.write({ 'big.txt': 'x'.repeat(100_000) }).catch(() => {})
    const full = await shop.deploy()
    assert.notEqual(full.code, 0)
    assert.ok(full.json.failure!.fix.length > 5, full.text)
    assert.equal(full.json.failure!.code, 'disk.full', full.text)
    assert.deepEqual(shown.visitors.seen.failures, [])
    await rm(ballast)
    await rm(join(home, 'more'))
    await shown.recovers()
  } finally {
    await shown?.visitors.leave()
    await small?.remove()
    await execOk({ argv: ['umount', '-l', home], timeoutMs: 10_000 }, 'umount')
    await rm(home, { recursive: true, force: true })
  }
})
