import assert from 'node:assert/strict'
import { access, chmod, chown, mkdtemp, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { type Fixture, makeApp, serverJs, workerJs, yaml } from './kit/app.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'
import { ask } from './kit/visitors.ts'

const NAME = 't-reuse'
const MS = {
  version: '2.1.3',
  integrity:
    'sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA==',
}
const PACKAGES = {
  'package.json': JSON.stringify({ name: 'app', private: true, dependencies: { ms: MS.version } }),
  'package-lock.json': JSON.stringify({
    name: 'app',
    lockfileVersion: 3,
    packages: { '': { name: 'app', dependencies: { ms: MS.version } }, 'node_modules/ms': MS },
  }),
}
const says = (version: string) =>
  serverJs(version).replace('ready: true, version', "ready: true, version, ms: require('ms')('1s')")

/** Its first service takes its time, so that something can happen before the second one. */
const TWO = yaml(NAME).replace(
  'services:',
  'services:\n  slow: { root: slow, install: false, build: sleep 3, start: node s.js, worker: true }',
)

let server: Server
let app: Fixture

const releases = () => readdir(join(server.home, 'apps', NAME, 'releases'))

/** Deploys another source, whose packages must be right. Resolves with whether they were installed. */
async function installs(version: string): Promise<boolean> {
  await app.write({ 'server.js': says(version) })
  good(await app.deploy())
  const status = await server.app(NAME, ({ state }) => state === 'serving')
  const body = JSON.parse((await ask(status.url!)).body) as { version: string; ms: number }
  assert.deepEqual([body.version, body.ms], [version, 1000])
  const log = join(server.home, 'apps', NAME, 'releases', status.release!, 'deploy.log')
  return (await readFile(log, 'utf8').catch(() => '')).includes('npm ci')
}

/** What is deployed after harm to the packages of all earlier releases is installed anew, and is taken over from then on. */
async function anew(name: string, how: (file: string) => Promise<void>): Promise<void> {
  assert.equal(await installs(`${name}-1`), false)
  for (const release of await releases()) {
    const file = join(server.home, 'apps', NAME, 'releases', release, 'tree/node_modules/ms/index.js')
    const there = await access(file).then(
      () => true,
      () => false,
    )
    if (there) await how(file)
  }
  assert.equal(await installs(`${name}-2`), true)
}

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME),
    'server.js': says('v1'),
    ...PACKAGES,
  })
})
after(() => server?.remove())

test('packages that were harmed by hand are never taken over: a changed byte, a folder that is gone, another owner', async () => {
  assert.equal(await installs('first'), true)
  await anew('byte', async file =>
    writeFile(file, (await readFile(file, 'utf8')).replace('var s = 1000', 'var s = 1001')),
  )
  await anew('gone', file => rm(dirname(file), { recursive: true, force: true }))
  await anew('owner', async file => {
    await chown(file, 1, 1)
    await chmod(file, 0o600)
  })
})

test('a release of the same build with another environment is gone back from, and forward to', async () => {
  await app.write({ 'innkeeper.yaml': yaml(NAME, '', '    env: { COLOUR: red }\n') })
  good(await app.deploy())
  const now = async () => {
    const { url, release } = await server.app(NAME, ({ state }) => state === 'serving')
    return { release, colour: JSON.parse((await ask(`${url}/env`)).body)['COLOUR'] as string | undefined }
  }
  const red = await now()
  assert.equal(red.colour, 'red')
  good(await server.inn(['rollback', NAME]))
  assert.equal((await now()).colour, undefined)
  good(await server.inn(['forward', NAME]))
  assert.deepEqual(await now(), red)
})

test('a disk that fills while a release is built holds the deploy up until there is room, or takes it back with the reason, and what serves goes on', async () => {
  const home = await mkdtemp(join(tmpdir(), 'inn-t-'))
  const mount = ['mount', '-t', 'tmpfs', '-o', 'size=1500m,mode=711', 'tmpfs', home]
  await execOk({ argv: mount, timeoutMs: 10_000 }, 'mount')
  let small: Server | null = null
  try {
    small = await makeServer({ at: home })
    const ballast = join(home, 'ballast')
    const full = await makeApp(small, NAME, {
      'innkeeper.yaml': TWO,
      'server.js': says('v1'),
      'slow/s.js': workerJs,
      ...PACKAGES,
    })
    good(await full.deploy())
    await full.write({ 'server.js': says('v2') })
    const going = full.deploy()
    // The first service is built for three seconds.
    const log = join(home, 'apps', NAME, 'releases', 'r2', 'deploy.log')
    while (!(await readFile(log, 'utf8').catch(() => '')).includes('sleep 3')) await sleep(50)
    const { bavail, bsize } = await statfs(home)
    // The last bytes may have been taken since.
    await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch(() => {})
    await sleep(6_000)
    const { running, state } = await small.app(NAME)
    assert.equal(state, 'serving')
    const alarms = (await small.client.get<{ alarms: Array<{ code: string }> }>('/api/status')).alarms
    assert.ok(alarms.some(({ code }) => code === 'disk.full'))
    await rm(ballast)
    // The journal needs no room when its file has some left: then the next build finds that it has none.
    if (running === null) {
      failureOf(await going, 'build.no-disk')
      good(await full.deploy(['--fresh']))
    } else good(await going)
    assert.equal(
      (await small.app(NAME, ({ state }) => state === 'serving')).release,
      running === null ? 'r3' : 'r2',
    )
  } finally {
    await small?.remove()
    await execOk({ argv: ['umount', '-l', home], timeoutMs: 10_000 }, 'umount')
    await rm(home, { recursive: true, force: true })
  }
})
