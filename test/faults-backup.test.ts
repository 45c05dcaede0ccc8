import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exec } from '../server/src/drivers/host/exec.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { archived, archivedUpTo, backups, firstPoint, moment, points, sql, withOtherKey } from './kit/data.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-torture'
let server: Server
let app: Fixture
/** A disk of its own, which can be full. */
let disk: string
const place = () => join(disk, 'mount', 'backups')

const run = async (...argv: string[]) => {
  const done = await exec({ argv, timeoutMs: 30_000 })
  assert.equal(done.code, 0, done.tail)
}

/** Where no file system can be mounted, nothing can be filled. */
let mounted = false
const NO_DISK = 'no file system can be mounted here'

async function mount(size: string, at: string): Promise<boolean> {
  const argv = ['mount', '-t', 'tmpfs', '-o', `size=${size},mode=711`, 'tmpfs', at]
  return (await exec({ argv, timeoutMs: 10_000 })).code === 0
}

before(async () => {
  disk = await mkdtemp(join(tmpdir(), 'inn-disk-'))
  await run('chmod', '711', disk)
  await mkdir(join(disk, 'mount'))
  mounted = await mount('400m', join(disk, 'mount'))
  server = await makeServer({ backups: true })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(
      NAME,
      `database: { postgres: true }\nmigrations: { tool: sql, folder: db }\nbackups: { where: { disk: { folder: ${place()} } } }\n`,
    ),
    'server.js': serverJs('v1'),
    'db/001.sql': `create table guest (id serial primary key, name text);
      insert into guest (name) select md5(n::text) from generate_series(1, 20000) n;`,
  })
  good(await app.deploy())
  await firstPoint(server)
})

after(async () => {
  await server?.remove()
  await exec({ argv: ['umount', join(disk, 'mount')], timeoutMs: 10_000 })
  await rm(disk, { recursive: true, force: true })
})

const guests = async () => Number((await sql(server, 't_torture', 'select count(*) from guest'))[0])
// The keeper may take a backup by itself meanwhile, when something at the place is gone.
const verify = () => server.inn(['backup', 'verify', '--wait'])
const backupNow = (...more: string[]) => server.inn(['backup', 'now', '--wait', ...more])

async function files(under: string, wanted: RegExp): Promise<string[]> {
  const all = await readdir(under, { recursive: true, withFileTypes: true })
  return all.flatMap(f =>
    f.isFile() && wanted.test(join(f.parentPath, f.name)) ? [join(f.parentPath, f.name)] : [],
  )
}

/** One bit of a file is another, for as long as `work` takes. */
async function flipped(path: string, work: () => Promise<void>): Promise<void> {
  const bytes = await readFile(path)
  const damaged = Buffer.from(bytes)
  const at = Math.floor(bytes.length / 2)
  damaged[at] = damaged[at]! ^ 1
  await writeFile(path, damaged)
  try {
    await work()
  } finally {
    await writeFile(path, bytes)
  }
}

const KINDS: ReadonlyArray<[string, RegExp]> = [
  ['a file of the database', /pgbackrest\/backup\/t-torture\/\d+-\d+F\/pg_data\/base\/\d+\/1255/],
  ['a segment of the write-ahead log', /pgbackrest\/archive\/t-torture\/.*\/[0-9A-F]{24}-[0-9a-f]{40}/],
  ['the manifest of a backup', /pgbackrest\/backup\/t-torture\/\d+-\d+F\/backup\.manifest$/],
  ['a pack of files', /restic\/t-torture\/data\//],
  ['a snapshot of files', /restic\/t-torture\/snapshots\//],
]

test('what is gone as a whole is found too, and a point that lost it is good no more', async () => {
  good(await backupNow('--full'))
  const [point] = (await backups(server, () => true)).points
  const label = point!.parts.find(part => part.of === 'cluster')!.id
  const folder = join(place(), 'pgbackrest/backup/t-torture', label)
  for (const lost of [folder, join(folder, 'backup.manifest')]) {
    await rename(lost, join(disk, 'mount', 'lost'))
    const ended = await verify()
    // The keeper looks by itself: where it was quicker, what is gone is no part of any point, and the rest is whole.
    if (ended.json.outcome !== 'done')
      assert.match(
        failureOf(ended, 'backup.damaged').why,
        new RegExp(`the backup ${label} cannot be restored: its list of files is gone`),
      )
    const seen = (await backups(server, () => true)).points.find(p => p.name === point!.name)!
    assert.equal(seen.state, 'failed', lost)
    await rename(join(disk, 'mount', 'lost'), lost)
  }
  good(await verify())
  good(await backupNow('--full'))
})

for (const [what, pattern] of KINDS) {
  test(`a bit flipped in ${what} is found by verify`, async () => {
    const [path] = (await files(place(), pattern)).reverse()
    assert.ok(path, `there is no ${pattern}`)
    await flipped(path, async () => {
      const ended = await verify()
      assert.equal(ended.json.outcome, 'undone', `${path}\n${ended.text}`)
      assert.match(ended.json.failure!.code, /^backup\./)
    })
    good(await verify())
  })
}

test('the other key opens nothing, and says that it is the key', async () => {
  await withOtherKey(server, async () => failureOf(await backupNow(), 'backup.key'))
  good(await backupNow())
})

test('a place that is empty: run, point and alarm say that, for the app and for the keeper itself', async () => {
  const why = /disk .*is empty, and held backups before/
  await rename(place(), `${place()}.away`)
  await mkdir(place())
  try {
    assert.match(failureOf(await backupNow(), 'backup.place').what, why)
    assert.match(failureOf(await backupNow('keeper'), 'backup.place').what, why)
    const all = await points(server)
    for (const owner of [NAME, null]) {
      const [point] = all.filter(p => p.app === owner)
      assert.equal(point!.state, 'failed', JSON.stringify(point))
      assert.match(point!.reason!, why)
    }
    failureOf(await backupNow(), 'backup.place')
    failureOf(await backupNow('keeper'), 'backup.place')
    const { alarms } = await server.status()
    const failing = alarms.filter(alarm => alarm.code === 'backup.failing').map(alarm => alarm.what)
    assert.equal(failing.length, 2, JSON.stringify(alarms))
    for (const what of failing)
      assert.match(what, /^the last \d tries to back up .* failed: .*is empty, and held/)
  } finally {
    await rm(place(), { recursive: true })
    await rename(`${place()}.away`, place())
  }
  good(await backupNow())
})

test('PostgreSQL killed while it archives: no segment is missing afterwards', async () => {
  const writing = sql(
    server,
    't_torture',
    `insert into guest (name) select md5(n::text) from generate_series(1, 400000) n`,
  )
  const pid = Number(
    (await readFile(join(server.home, 'postgres/t-torture/data/postmaster.pid'), 'utf8')).split('\n')[0],
  )
  await sleep(700)
  process.kill(pid, 'SIGKILL')
  await writing.catch(() => {})
  await backups(server, s => !s.alarms.some(a => a.code === 'backup.heartbeat'))
  for (const end = Date.now() + 60_000; (await guests().catch(() => null)) === null; await sleep(50))
    assert.ok(Date.now() < end, 'it comes up again')
  await archived(server)
  good(await backupNow())
  good(await verify())
})

test('a segment that is lost: it says so, and takes a new full backup by itself', async () => {
  await archived(server)
  await sql(server, 't_torture', `insert into guest (name) values ('a')`)
  await archived(server)
  const { places } = await backups(server, () => true)
  const newest = places[0]!.backups[0]!
  const segments = (await files(place(), KINDS[1]![1])).sort()
  await rm(segments.at(-1)!)
  await sql(server, 't_torture', `insert into guest (name) values ('b')`)
  await archived(server)
  // A keeper that has just begun looks at once.
  await server.killKeeper()
  const seen = await backups(
    server,
    s =>
      (s.places[0]!.backups[0]?.endedAt ?? '') > newest.endedAt &&
      s.points[0]!.state === 'good' &&
      s.alarms.every(a => a.code !== 'backup.gap'),
  )
  assert.equal(seen.places[0]!.backups[0]!.kind, 'full', JSON.stringify(seen.alarms))
  assert.ok(!seen.alarms.some(a => a.code === 'backup.gap'), JSON.stringify(seen.alarms))
  good(await verify())
})

test('a backup whose list of files is lost: an alarm within a minute, and a new full backup by itself', async () => {
  const before = await backups(server, () => true)
  const [newest] = before.places[0]!.backups
  const point = before.points.find(p => p.parts.some(part => part.id === newest!.label))!
  await rm(join(place(), 'pgbackrest/backup/t-torture', newest!.label, 'backup.manifest'))
  const began = performance.now()
  const told = await backups(server, s => s.alarms.some(a => a.code === 'backup.lost'))
  assert.ok(performance.now() - began < 60_000)
  const alarm = told.alarms.find(a => a.code === 'backup.lost')!
  assert.match(alarm.what, new RegExp(`${newest!.label} of ${NAME} .*its list of files is gone`))
  const mended = await backups(
    server,
    s =>
      // pgBackRest takes up what is left of the one without a list, so the label may be the same.
      (s.places[0]!.backups[0]?.endedAt ?? '') > newest!.endedAt &&
      s.points[0]!.state === 'good' &&
      s.alarms.every(a => a.code !== 'backup.lost'),
  )
  assert.equal(mended.places[0]!.backups[0]!.kind, 'full', JSON.stringify(mended.alarms))
  assert.equal(mended.points.find(p => p.name === point.name)?.state, 'failed')
})

test('the disk of the backups is full: it says so, visitors are served, and it goes on when there is room', async t => {
  if (!mounted) return t.skip(NO_DISK)
  const before = (await backups(server, () => true)).points.filter(p => p.state === 'good').length
  const { url } = await server.app(NAME)
  const ballast = join(disk, 'mount', 'ballast')
  await exec({ argv: ['dd', 'if=/dev/zero', `of=${ballast}`, 'bs=1M', 'count=1000'], timeoutMs: 30_000 })
  const failed = await backupNow('--full')
  failureOf(failed, 'backup.space')
  await sql(server, 't_torture', `insert into guest (name) values ('full'); select pg_switch_wal()`)
  const late = await backups(server, s => s.alarms.some(a => a.code === 'backup.archive-lag'))
  assert.ok(
    late.alarms.some(a => a.code === 'backup.archive-lag'),
    JSON.stringify(late.alarms),
  )
  assert.equal((await fetch(`${url}/`)).status, 200)
  await rm(ballast)
  await archived(server)
  good(await backupNow())
  good(await verify())
  const { points } = await backups(server, () => true)
  assert.equal(points.filter(p => p.state === 'good').length, before + 1)
})

test('a place away for more than 4 GB of log: the app is served, the log is dropped and said, a new full backup mends it', async t => {
  const { bavail, bsize } = await statfs(server.home)
  if (bavail * bsize < 12 * 1024 ** 3) return t.skip('12 GB must be free')
  const [newest] = (await backups(server, () => true)).places[0]!.backups
  const archive = join(place(), 'pgbackrest/archive')
  await run('chmod', '000', archive)
  const before = await sql(server, 'postgres', `select pg_walfile_name(pg_switch_wal() - 1)`)
  // A segment each.
  await sql(
    server,
    't_torture',
    `do $$ begin for n in 1..262 loop
       perform pg_logical_emit_message(false, 'test', 'x'); perform pg_switch_wal();
     end loop; end $$`,
  )
  const { url } = await server.app(NAME)
  assert.equal((await fetch(`${url}/`)).status, 200)
  // Not the newest: what is written after the log was dropped waits for the place again.
  await archivedUpTo(server, before[0]!)
  await run('chmod', '750', archive)
  await archived(server)
  const kept = await exec({ argv: ['sh', '-c', `ls -R ${archive}`], timeoutMs: 10_000 })
  assert.ok(!kept.stdout.includes(before[0]!), 'it was dropped, though told to be archived')
  await server.killKeeper()
  const told = await backups(server, s => s.alarms.some(a => a.code === 'backup.gap'))
  assert.ok(
    told.alarms.some(a => a.code === 'backup.gap'),
    JSON.stringify(told.alarms),
  )
  const mended = await backups(
    server,
    s =>
      (s.places[0]!.backups[0]?.label ?? newest!.label) !== newest!.label &&
      s.points[0]!.state === 'good' &&
      s.alarms.every(a => a.code !== 'backup.gap'),
  )
  assert.equal(mended.places[0]!.backups[0]!.kind, 'full', JSON.stringify(mended.alarms))
  good(await verify())
})

/** Size of the disk for the restored files → what does not fit: the files, or the log that is replayed. */
const FULL = {
  '24m': /the restored files cannot be written/,
  '88m': /while the write-ahead log was replayed/,
}

for (const [size, says] of Object.entries(FULL))
  test(`the disk of ${size} is full in the middle of a restore: what was there is served`, async t => {
    if (!mounted) return t.skip(NO_DISK)
    // Log that takes a whole segment each, and is replayed.
    for (let n = 0; n < 8; n++) await sql(server, 'postgres', 'select txid_current(), pg_switch_wal()')
    const to = await moment(server)
    await archived(server)
    const rows = await guests()
    const copies = join(server.home, 'postgres/copy')
    await mkdir(copies, { recursive: true })
    assert.ok(await mount(size, copies))
    try {
      const failure = failureOf(await server.inn(['restore', NAME, '--to', to]), 'backup.space')
      assert.match(failure.what, says)
    } finally {
      await run('umount', copies)
    }
    assert.equal((await server.app(NAME, a => a.state === 'serving')).state, 'serving')
    assert.equal(await guests(), rows)
  })
