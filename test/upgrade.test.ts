import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { storeVersion } from '../server/src/db/file.ts'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { exists } from '../server/src/drivers/host/files.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { failureOf, good, portOf } from './kit/proof.ts'
import { makeServer, parse, type Server } from './kit/server.ts'
import { type Visitors, visit } from './kit/visitors.ts'

const HERE = join(import.meta.dirname, '..')
const LONGEST_MS = 60_000

let folder: string
let present: string
let next: string
let server: Server
let app: Fixture
let visitors: Visitors

interface Version {
  version: string
  /** SQL of one more migration of the store. */
  migration?: string
  /** What its keeper does when it has opened its store. */
  keeper?: string
}

/** An Innkeeper like this one, with what is different. */
async function makeVersion(name: string, { version, migration, keeper }: Version): Promise<string> {
  const at = join(folder, name)
  await mkdir(at)
  const argv = ['cp', '-a', '--parents', 'server/src', 'inn', 'package-lock.json', 'web/dist', at]
  await execOk({ argv, cwd: HERE, timeoutMs: LONGEST_MS }, 'cp')
  await symlink(join(HERE, 'node_modules'), join(at, 'node_modules'))
  const edit = async (path: string, change: (text: string) => string, to = path) => {
    const text = await readFile(join(HERE, path), 'utf8')
    assert.notEqual(change(text), text, path)
    await writeFile(join(at, to), change(text))
  }
  const manifest = JSON.parse(await readFile(join(HERE, 'package.json'), 'utf8')) as object
  await writeFile(join(at, 'package.json'), JSON.stringify({ ...manifest, version }))
  if (migration !== undefined)
    await edit('server/src/db/migrations.ts', text => text.replace(/\n\]\n/, `\n  \`${migration}\`,\n]\n`))
  if (keeper !== undefined)
    await edit('server/src/bin/keeper.ts', text => text.replace('  await house.edge.prepare()\n', keeper))
  return at
}

/** What `inn pack` makes of such a folder, but with the packages of this checkout. */
async function packed(at: string, version: string): Promise<string> {
  const file = join(folder, `innkeeper-${version}.tgz`)
  const argv = ['tar', '-czf', file, '-C', at, '--transform', 's,^\\.,package,', '.']
  await execOk({ argv, timeoutMs: LONGEST_MS }, 'tar')
  const { stdout } = await execOk({ argv: ['sha256sum', file], timeoutMs: LONGEST_MS }, 'sha256sum')
  await writeFile(`${file}.sha256`, stdout)
  return file
}

const upgrade = (from: string, ...more: string[]) => server.inn(['upgrade', '--from', from, '--yes', ...more])
const keeper = async (): Promise<string> => (await server.status()).keeper.version
const store = () => join(server.home, 'keeper.db')

/** Both versions, as `inn version` of that folder says. */
async function versions(at: string) {
  const argv = [join(at, 'inn'), 'version', '--json']
  const env = { INNKEEPER_HOME: server.home }
  return parse((await execOk({ argv, env, timeoutMs: LONGEST_MS }, 'inn version')).stdout)
}

/** Kills `inn upgrade` with SIGKILL as soon as `when` holds; it looks at what was printed, too. */
async function killed(from: string, when: (text: string) => boolean | Promise<boolean>): Promise<void> {
  const child = spawn(join(present, 'inn'), ['upgrade', '--from', from, '--yes'], {
    env: { ...process.env, INNKEEPER_HOME: server.home },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const ended = new Promise(resolve => child.on('close', resolve))
  for (const last = Date.now() + LONGEST_MS; !(await when(text)); await sleep(5))
    assert.ok(Date.now() < last && child.exitCode === null, `the moment did not come:\n${text}`)
  child.kill('SIGKILL')
  await ended
}

const unharmed = () => {
  assert.deepEqual(visitors.seen.failures, [])
  assert.ok(visitors.seen.requests > 0)
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'inn-t-upgrade-'))
  await chmod(folder, 0o755)
  present = await makeVersion('innkeeper', { version: '0.1.0' })
  next = await makeVersion('next', { version: '0.2.0', migration: 'create table upgraded (id text) strict' })
  server = await makeServer({ project: present })
  app = await makeApp(server, 't-upgrade', {
    'innkeeper.yaml': yaml('t-upgrade'),
    'server.js': serverJs('v1'),
  })
  good(await app.deploy())
  visitors = visit(`http://127.0.0.1:${portOf(server, app.name)}/`)
})
after(async () => {
  await visitors?.leave()
  await server?.remove()
  await rm(folder, { recursive: true, force: true })
})

test('a plan says what would be done, and does nothing; what is no release is refused', async () => {
  const pid = await server.keeperPid()
  const { json } = await upgrade(next, '--plan')
  const steps = json['steps'] as unknown as Array<{ title: string; undo: string | null }>
  assert.match(steps.at(-1)!.title, /^stop the keeper, keep its store/)
  assert.match(steps.at(-1)!.undo!, /0\.1\.0/)
  const tarball = await packed(next, '0.2.0')
  await writeFile(`${tarball}.sha256`, `${'0'.repeat(64)}  innkeeper-0.2.0.tgz\n`)
  failureOf(await upgrade(tarball), 'upgrade.checksum')
  await rm(`${tarball}.sha256`)
  failureOf(await upgrade(tarball), 'upgrade.checksum')
  failureOf(await upgrade(app.folder), 'upgrade.foreign')
  failureOf(await upgrade(join(folder, 'nothing')), 'upgrade.checksum')
  assert.deepEqual((await upgrade(present)).json['steps'], [])
  assert.equal(await exists(join(server.home, 'upgrade')), false)
  assert.equal(await server.keeperPid(), pid)
})

test('an Innkeeper leaves a store alone that a newer one changed', async () => {
  const raw = new DatabaseSync(store())
  const known = storeVersion(store())
  try {
    raw.exec('pragma busy_timeout = 5000; pragma user_version = 1000')
    failureOf(await server.inn(['up']), 'store.newer')
    raw.exec(`pragma user_version = ${known}`)
  } finally {
    raw.close()
  }
  assert.equal((await server.inn(['up'])).code, 0)
})

test('a version whose migration fails is refused on the copy: the keeper was not touched', async () => {
  const pid = await server.keeperPid()
  const before = storeVersion(store())
  const bad = await makeVersion('bad', { version: '0.2.1', migration: 'create table app (id text) strict' })
  const ended = await upgrade(bad)
  assert.match(failureOf(ended, 'upgrade.rehearsal').why, /table app already exists/)
  assert.equal(ended.json.outcome, 'undone')
  assert.equal(await server.keeperPid(), pid)
  assert.equal(storeVersion(store()), before)
  assert.equal(await exists(join(server.home, 'run/rehearsal')), false)
})

test('a version whose keeper does not start is taken back, with the store as it was', async () => {
  const before = storeVersion(store())
  const mute = await makeVersion('mute', {
    version: '0.2.2',
    migration: 'create table mute (id text) strict',
    keeper: '  process.exit(3)\n',
  })
  const ended = await upgrade(mute)
  assert.match(failureOf(ended, 'upgrade.silent').why, /ended 5 times/)
  assert.equal(ended.json.outcome, 'undone', ended.text)
  assert.equal(await keeper(), '0.1.0')
  assert.equal(storeVersion(store()), before)
  assert.equal(storeVersion(`${store()}.of-0.2.2`), before + 1)
  unharmed()
})

test('an upgrade that is killed goes on, or is taken back; inn up brings the keeper that fits the store', async () => {
  const before = storeVersion(store())
  await killed(next, text => text.includes('✓ bring'))
  await killed(next, () => exists(`${store()}.before-0.2.0`))
  assert.equal((await server.inn(['up'])).code, 0)
  assert.equal(await keeper(), '0.1.0')
  // A second death at the same step, now with the new keeper on the migrated store.
  await killed(next, () => storeVersion(store()) > before)
  const up = await server.inn(['up'])
  assert.equal(up.code, 0, up.text)
  assert.equal(await keeper(), '0.2.0')
  assert.equal((await upgrade(next)).json.outcome, 'undone')
  assert.equal(await keeper(), '0.1.0')
  assert.equal(storeVersion(store()), before)
  unharmed()
})

test('apps do not notice an upgrade, and it cannot be taken back past a change of the store', async () => {
  good(await upgrade(next))
  assert.deepEqual(await versions(next), { version: '0.2.0', keeper: '0.2.0' })
  const kept = (await readdir(server.home)).filter(name => /^keeper\.db\.[bo]/.test(name))
  assert.deepEqual(kept, ['keeper.db.before-0.2.0'])
  good(await app.deploy())
  const back = await server.inn(['upgrade', '--from', present, '--yes'])
  assert.match(failureOf(back, 'upgrade.rehearsal').why, /changed by a newer Innkeeper/)
  assert.equal(await keeper(), '0.2.0')
  unharmed()
})

test('an archive is unpacked beside the present one, also when that was cut', async () => {
  const last = await makeVersion('last', {
    version: '0.3.0',
    migration: 'create table upgraded (id text) strict',
  })
  const tarball = await packed(last, '0.3.0')
  await killed(tarball, text => text.includes('✓ unpack'))
  good(await upgrade(tarball))
  const at = join(folder, 'innkeeper-0.3.0')
  assert.deepEqual(await versions(at), { version: '0.3.0', keeper: '0.3.0' })
  assert.deepEqual((await upgrade(tarball)).json['steps'], [])
  unharmed()
  const { requests, failures } = await visitors.leave()
  assert.deepEqual(failures, [])
  assert.ok(requests > 100)
})
