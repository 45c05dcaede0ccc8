import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FolderPlace } from '../../data/places/place.ts'
import { snapshotsContract, tree } from '../../data/repositories/snapshots.contract.ts'
import { execOk } from '../host/exec.ts'
import { isRoot, processInfo } from '../host/proc.ts'
import { type Bench, makeRestic, order } from './restic.fixture.ts'

snapshotsContract('restic in a folder', makeRestic)

describe('restic', () => {
  let bench: Bench
  let source: string
  before(async () => {
    bench = await makeRestic()
    source = join(bench.at, 'source')
    await mkdir(join(source, 'folder'), { recursive: true })
    await writeFile(join(source, 'folder/random'), randomBytes(200_000))
    await writeFile(join(source, 'text'), 'hello')
  })
  after(() => bench.remove())

  async function kept(): Promise<{ place: FolderPlace; id: string }> {
    const place = bench.place()
    return { place, id: (await bench.snapshots.keepFolder({ ...order(place), path: source })).id }
  }

  test('another key opens nothing', async () => {
    const { place, id } = await kept()
    const thief = bench.another('guessed')
    const refused = { code: 'backup.key' }
    await assert.rejects(thief.list(place), refused)
    await assert.rejects(thief.restore({ place, id, into: join(bench.at, 'stolen') }), refused)
    await assert.rejects(thief.keepFolder({ ...order(place), path: source }), refused)
    await assert.rejects(thief.check(place, { data: false }), refused)
    await assert.rejects(thief.forget(place, [id]), refused)
    assert.equal((await bench.another().list(place)).length, 1)
  })

  test('one flipped bit in any stored file is said, and never restored', async () => {
    const { place, id } = await kept()
    const files = (await readdir(place.path, { recursive: true, withFileTypes: true })).filter(f =>
      f.isFile(),
    )
    const kinds = new Set<string>()
    for (const file of files) {
      const [whole, path] = [place.path, `${file.parentPath}/${file.name}`.slice(place.path.length + 1)]
      const damaged = { ...bench.place(), name: 'damaged' }
      await cp(whole, damaged.path, { recursive: true })
      await flip(join(damaged.path, path))
      const into = join(bench.at, `flipped-${file.name}`)
      const said = await complaints(bench, { place: damaged, id, into })
      if (!said.includes('restore')) assert.deepEqual(await tree(into), await tree(source), path)
      const kind = path.split('/')[0]!
      assert.ok(said.includes(kind === 'snapshots' ? 'list' : 'check'), `${path}: ${said}`)
      kinds.add(kind)
    }
    assert.deepEqual([...kinds].sort(), ['config', 'data', 'index', 'keys', 'snapshots'])
  })

  test('what is stopped in its middle is not listed, and what it left is freed', async () => {
    const place = bench.place()
    const large = join(bench.at, 'large')
    await mkdir(large)
    await writeFile(join(large, 'random'), randomBytes(200_000_000))
    const stopped = new AbortController()
    const reason = new Error('the person pressed Ctrl-C')
    const aborted = { ...order(place), path: large, signal: stopped.signal }
    // Not at its progress: of what is soon done, newer versions tell none before the end.
    const middle = eventually(async () => (await packsOf(place).catch(() => 0)) > 0)
    await Promise.all([
      assert.rejects(bench.snapshots.keepFolder(aborted), reason),
      middle.then(() => stopped.abort(reason)),
    ])
    assert.deepEqual(await bench.snapshots.list(place), [])
    assert.equal(
      (await readdir(join(place.path, 'locks'))).length,
      1,
      'a lock of the killed one is in the way',
    )
    await bench.snapshots.forget(place, [])
    assert.equal(await packsOf(place), 0)
    await bench.snapshots.keepFolder({ ...order(place), path: large })
    assert.deepEqual(await bench.snapshots.check(place, { data: true }), [])
  })

  test('a keeper that is killed leaves a torn stream that never counts, and a command that the next one ends', async () => {
    const { place } = await kept()
    const pidFile = join(bench.at, 'producer.pid')
    const slow = {
      ...order(place, 'shop/dump'),
      ...{ argv: ['sh', '-c', `seq 100000; echo $$ > ${pidFile}; exec sleep 300`] },
      ...{ env: {}, user: null, file: 'shop.sql' },
    }
    const snapshots = join(place.path, 'snapshots')
    const killed = async (): Promise<number> => {
      await rm(pidFile, { force: true })
      const keeper = spawn(process.execPath, ['--input-type=module', '-e', keeping(bench.at, slow)])
      const producer = await eventually(async () => Number(await readFile(pidFile, 'utf8').catch(() => '')))
      keeper.kill('SIGKILL')
      await once(keeper, 'exit')
      return producer
    }
    process.kill(await killed(), 'SIGKILL')
    await eventually(async () => (await readdir(snapshots)).length === 2)
    assert.equal((await bench.snapshots.list(place)).length, 1)
    const producer = await killed()
    assert.notEqual(await processInfo(producer), null)
    const { id } = await bench.snapshots.keepOutput({ ...slow, argv: ['echo', 'whole'] })
    assert.equal(await processInfo(producer), null)
    await bench.snapshots.restore({ place, id, into: join(bench.at, 'whole') })
    assert.equal(await readFile(join(bench.at, 'whole/shop.sql'), 'utf8'), 'whole\n')
    await bench.snapshots.forget(place, [])
    assert.equal((await readdir(snapshots)).length, 2)
  })

  test('a folder in which something cannot be read is not kept, and what was stored of it does not count', async t => {
    const { place } = await kept()
    const deep = join(bench.at, 'deep')
    await mkdir(deep)
    t.after(() => execOk({ argv: ['rm', '-rf', deep], timeoutMs: 10_000 }, 'removing it'))
    // A path of more than 4,096 bytes is opened by nobody who names it as a whole.
    const steps =
      'name=$(printf %0200d 0); for n in $(seq 25); do mkdir $name; cd -P $name; done; echo x > file'
    await execOk({ argv: ['bash', '-c', steps], cwd: deep, timeoutMs: 10_000 }, 'making the folder')
    const failed = { code: 'backup.source' }
    await assert.rejects(bench.snapshots.keepFolder({ ...order(place), path: deep }), failed)
    assert.equal((await readdir(join(place.path, 'snapshots'))).length, 2)
    assert.equal((await bench.snapshots.list(place)).length, 1)
  })

  test('a disk that is not mounted any more is no new place', async () => {
    const { place, id } = await kept()
    await rename(place.path, `${place.path}.away`)
    await mkdir(place.path)
    const gone = { code: 'backup.place' }
    await assert.rejects(bench.snapshots.keepFolder({ ...order(place), path: source }), gone)
    await assert.rejects(bench.snapshots.list(place), gone)
    await assert.rejects(bench.snapshots.check(place, { data: false }), gone)
    await assert.rejects(bench.snapshots.restore({ place, id, into: join(bench.at, 'unmounted') }), gone)
    assert.deepEqual(await readdir(place.path), [])
    // What `why` says of backups that were removed on purpose.
    await rm(join(bench.at, 'cache', place.name, 'used'))
    await bench.snapshots.keepFolder({ ...order(place), path: source })
    assert.equal((await bench.snapshots.list(place)).length, 1)
  })

  test('the key of a making that was cut off is not taken for the right one', async () => {
    const [place, other] = [bench.place(), await kept()]
    const keys = join(place.path, 'keys')
    await cp(join(other.place.path, 'keys'), keys, { recursive: true })
    const { id } = await bench.snapshots.keepFolder({ ...order(place), path: source })
    await bench.another().restore({ place, id, into: join(bench.at, 'second-making') })
    assert.equal((await readdir(keys)).length, 1, 'restic takes the first by name')
  })

  test('a full disk', { skip: isRoot() ? false : 'mounting a small disk needs root' }, async () => {
    const place = bench.place()
    const large = join(bench.at, 'too-large')
    await Promise.all([mkdir(place.path), mkdir(large)])
    await writeFile(join(large, 'random'), randomBytes(20_000_000))
    const run = (...argv: string[]) => execOk({ argv, timeoutMs: 10_000 }, argv[0]!)
    await run('mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', place.path)
    try {
      const { id } = await bench.snapshots.keepFolder({ ...order(place), path: source })
      const keep = bench.snapshots.keepFolder({ ...order(place, 'shop/large'), path: large })
      await assert.rejects(keep, { code: 'backup.space' })
      assert.deepEqual(
        (await bench.snapshots.list(place)).map(one => one.id),
        [id],
      )
      await bench.snapshots.restore({ place, id, into: join(bench.at, 'from-a-full-disk') })
      await bench.snapshots.forget(place, [])
      await bench.snapshots.keepFolder({ ...order(place, 'shop/small'), path: source })
    } finally {
      await run('umount', place.path)
    }
  })
})

/** Which of list, restore and check report a problem at a place. */
async function complaints(
  bench: Bench,
  { place, id, into }: { place: FolderPlace; id: string; into: string },
): Promise<string[]> {
  const seen = bench.another()
  const works = {
    list: async () => (await seen.list(place)).length < 2,
    restore: async () => (await seen.restore({ place, id, into })).bytes > 0,
    check: async () => (await seen.check(place, { data: true })).length === 0,
  }
  const told = Object.entries(works).map(async ([name, work]) =>
    (await work().catch(() => false)) ? [] : [name],
  )
  return (await Promise.all(told)).flat()
}

async function flip(path: string): Promise<void> {
  const content = await readFile(path)
  content[content.length >> 1]! ^= 1
  await execOk({ argv: ['chmod', 'u+w', path], timeoutMs: 5000 }, 'chmod')
  await writeFile(path, content)
}

/** Those that were written to their end. What a killed restic was writing keeps another name, and it never looks at it again. */
async function packsOf(place: FolderPlace): Promise<number> {
  const entries = await readdir(join(place.path, 'data'), { recursive: true, withFileTypes: true })
  return entries.filter(entry => /^[0-9a-f]{64}$/.test(entry.name)).length
}

/** Program text for a keeper in another process, with the same cache of the place. */
const keeping = (at: string, wanted: object): string => `
  import { restic } from '${import.meta.dirname}/restic.ts'
  import { Secret } from '${import.meta.dirname}/../../kernel/secret.ts'
  const password = async () => new Secret('a key of the test')
  await restic({ password, cache: '${at}/cache', network: {} }).keepOutput(${JSON.stringify(wanted)})`

async function eventually<T>(look: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 20_000; ; await sleep(50)) {
    const found = await look()
    if (found) return found
    if (Date.now() > end) throw new Error('it did not come about')
  }
}
