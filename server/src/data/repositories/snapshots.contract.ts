import assert from 'node:assert/strict'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Place } from '../places/place.ts'
import type { SnapshotOrder, Snapshots } from './snapshots.ts'

export interface Made {
  snapshots: Snapshots
  /** Makes a new empty place. */
  place(): Place
  remove(): Promise<void>
}

/** The tests that every engine behind the port must pass. */
export function snapshotsContract(name: string, make: () => Promise<Made>): void {
  describe(name, () => {
    let made: Made
    let at: string
    before(async () => {
      at = await mkdtemp(join(tmpdir(), 'inn-snapshots-'))
      made = await make()
    })
    after(async () => {
      await made?.remove()
      await rm(at, { recursive: true, force: true })
    })
    const get = () => ({ ...made, at, source: join(at, 'source') })
    before(() => makeTree(join(at, 'source')))
    keeping(get)
    failing(get)
    remembering(get)
  })
}

type Get = () => Made & { at: string; source: string }

const order = (place: Place, more: Partial<SnapshotOrder> = {}): SnapshotOrder => ({
  place,
  of: 'shop/files',
  point: '20260102-030405',
  at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  ...more,
})

const printing = (script: string) => ({ argv: ['sh', '-c', script], env: {}, user: null, file: 'shop.sql' })

function keeping(get: Get): void {
  test('a tree comes back as it was: content, modes, links, empty folders, odd names; with a file in the place of another', async () => {
    const { snapshots, place: newPlace, at, source } = get()
    const [place, into] = [newPlace(), join(at, 'tree')]
    const seen: number[] = []
    const onProgress = ({ doneBytes }: { doneBytes: number }) => void seen.push(doneBytes)
    const file = join(at, 'copy')
    await writeFile(file, 'copied', { mode: 0o640 })
    const kept = await snapshots.keepFolder({
      ...order(place, { onProgress }),
      ...{ path: source, instead: [{ path: 'folder/script', file, without: ['left [out]'] }] },
    })
    assert.ok(kept.bytes > 0 && kept.addedBytes > 0)
    const { bytes } = await snapshots.restore({ place, id: kept.id, into })
    assert.equal(bytes, kept.bytes)
    const expected = (await tree(source)).filter(line => !line.startsWith('left [out]'))
    const copied = `folder/script 640 ${Buffer.from('copied').toString('base64')}`
    assert.deepEqual(
      await tree(into),
      expected.map(line => (line.startsWith('folder/script ') ? copied : line)),
    )
    assert.ok(seen.length > 0)
  })

  test('an empty folder comes back empty', async () => {
    const { snapshots, place: newPlace, at } = get()
    const [place, empty, into] = [newPlace(), join(at, 'empty'), join(at, 'empty-again')]
    await Promise.all([mkdir(empty), mkdir(into)])
    const { id } = await snapshots.keepFolder({ ...order(place), path: empty })
    await snapshots.restore({ place, id, into })
    assert.deepEqual(await readdir(into), [])
  })

  test('what a command prints comes back as one file', async () => {
    const { snapshots, place: newPlace, at } = get()
    const [place, into] = [newPlace(), join(at, 'output')]
    const { id } = await snapshots.keepOutput({
      ...order(place),
      ...printing('echo "$GREETING"; seq 100000'),
    })
    await snapshots.restore({ place, id, into })
    const numbers = Array.from({ length: 100_000 }, (_, i) => i + 1).join('\n')
    assert.equal(await readFile(join(into, 'shop.sql'), 'utf8'), `\n${numbers}\n`)
  })

  test('two first uses of a place at the same moment', async () => {
    const { snapshots, place: newPlace, source } = get()
    const place = newPlace()
    const keep = (of: string) => snapshots.keepFolder({ ...order(place, { of }), path: source })
    await Promise.all([keep('shop/files'), keep('blog/files')])
    const of = (await snapshots.list(place)).map(one => one.of)
    assert.deepEqual(of.sort(), ['blog/files', 'shop/files'])
    assert.deepEqual(await snapshots.check(place, { data: true }), [])
  })
}

function failing(get: Get): void {
  test('a command that fails leaves nothing that counts as kept, however much it printed', async () => {
    const { snapshots, place: newPlace } = get()
    const place = newPlace()
    for (const script of ['seq 1000000; exit 3', 'seq 10; kill -9 $$', 'exit 1'])
      await assert.rejects(snapshots.keepOutput({ ...order(place), ...printing(script) }), script)
    await assert.rejects(
      snapshots.keepOutput({ ...order(place), ...printing(''), argv: ['no-such-program'] }),
    )
    assert.deepEqual(await snapshots.list(place), [])
  })

  test('a folder that is not there is a failure, and nothing is kept', async () => {
    const { snapshots, place: newPlace, at } = get()
    const place = newPlace()
    await assert.rejects(snapshots.keepFolder({ ...order(place), path: join(at, 'nowhere') }))
    assert.deepEqual(await snapshots.list(place), [])
  })

  test('what is aborted leaves nothing, and the next one works', async () => {
    const { snapshots, place: newPlace, source } = get()
    const place = newPlace()
    await assert.rejects(
      snapshots.keepFolder({ ...order(place, { signal: AbortSignal.abort() }), path: source }),
      { name: 'AbortError' },
    )
    assert.deepEqual(await snapshots.list(place), [])
    await snapshots.keepFolder({ ...order(place), path: source })
    assert.equal((await snapshots.list(place)).length, 1)
  })

  test('a snapshot that is not there', async () => {
    const { snapshots, place: newPlace, at, source } = get()
    const place = newPlace()
    await snapshots.keepFolder({ ...order(place), path: source })
    for (const id of ['0badc0de', 'latest'])
      await assert.rejects(snapshots.restore({ place, id, into: join(at, 'unknown') }), {
        code: 'snapshot.unknown',
      })
  })
}

function remembering(get: Get): void {
  test('the list has the oldest first, with what was said of each; what is forgotten is gone', async () => {
    const { snapshots, place: newPlace, at, source } = get()
    const place = newPlace()
    assert.deepEqual(await snapshots.list(place), [])
    assert.deepEqual(await snapshots.check(place, { data: true }), [])
    const keep = (day: number) =>
      snapshots.keepFolder({
        ...order(place, { at: Date.UTC(2026, 0, day, 1, 2, 3, 4), point: `day-${day}` }),
        path: source,
      })
    const [third, first, second] = [await keep(3), await keep(1), await keep(2)]
    const listed = await snapshots.list(place)
    assert.deepEqual(
      listed.map(({ id }) => id),
      [first.id, second.id, third.id],
    )
    const at1 = Date.UTC(2026, 0, 1, 1, 2, 3, 4)
    assert.deepEqual(listed[0], {
      ...{ id: first.id, place: place.name, of: 'shop/files', point: 'day-1', at: at1 },
    })
    for (const _ of ['once', 'and again']) await snapshots.forget(place, [first.id, second.id])
    assert.deepEqual(
      (await snapshots.list(place)).map(({ id }) => id),
      [third.id],
    )
    await assert.rejects(snapshots.restore({ place, id: first.id, into: join(at, 'gone') }), {
      code: 'snapshot.unknown',
    })
    const signal = AbortSignal.abort()
    await assert.rejects(snapshots.check(place, { data: true, signal }), { name: 'AbortError' })
    await assert.rejects(snapshots.forget(place, [third.id], signal), { name: 'AbortError' })
    await snapshots.restore({ place, id: third.id, into: join(at, 'kept') })
    assert.deepEqual(await tree(join(at, 'kept')), await tree(source))
  })
}

async function makeTree(at: string): Promise<void> {
  await mkdir(join(at, 'folder/empty'), { recursive: true })
  await mkdir(join(at, 'left [out]'))
  await writeFile(join(at, 'left [out]/cache'), 'left out')
  await writeFile(join(at, 'folder/script'), 'echo hello', { mode: 0o755 })
  await writeFile(join(at, 'secret'), 'for the owner alone', { mode: 0o600 })
  await writeFile(join(at, 'nothing'), '')
  await writeFile(join(at, 'large'), Buffer.alloc(300_000, 'all the same '))
  for (const name of ['with space', '-dash', 'new\nline', 'ünï*[c]?', '\\back', '.hidden', 'quo\'te"'])
    await writeFile(join(at, name), name)
  await symlink('folder/script', join(at, 'link'))
  await symlink('/nowhere', join(at, 'dangling'))
  await chmod(join(at, 'folder'), 0o750)
}

/** One line for each entry: path, mode, and content or target. */
export async function tree(at: string): Promise<string[]> {
  const entries = (await readdir(at, { recursive: true })).sort()
  return Promise.all(
    entries.map(async path => {
      const info = await lstat(join(at, path))
      const mode = (info.mode & 0o7777).toString(8)
      if (info.isSymbolicLink()) return `${path} -> ${await readlink(join(at, path))}`
      return `${path} ${mode} ${info.isFile() ? await readFile(join(at, path), 'base64') : 'folder'}`
    }),
  )
}
