import assert from 'node:assert/strict'
import { chmod, mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { FolderPlace } from '../places/place.ts'
import type { Physical, RestoreOrder } from './physical.ts'

/** A running cluster, whose archive_command is the engine's. */
export interface Running {
  /** Runs one statement; the first column of its rows. */
  sql(text: string): Promise<string[]>
  /** Resolves when everything committed so far was archived, with the name of the last segment. */
  archived(): Promise<string>
  /** The same as `sql`, on the cluster that was restored into a folder. */
  ask(data: string, text: string): Promise<string[]>
}

export interface Made {
  physical: Physical
  cluster: Running
  /** Folder for restored clusters. */
  at: string
  /** Makes a new empty place. */
  place(): FolderPlace
  remove(): Promise<void>
}

/** The tests that every engine behind the port must pass, on a real cluster. */
export function physicalContract(name: string, make: () => Promise<Made>): void {
  describe(name, () => {
    let made: Made
    before(async () => {
      made = await make()
      await made.cluster.sql('create table guest (n int)')
    })
    after(() => made?.remove())
    archiving(() => made)
    restoring(() => made)
    failing(() => made)
  })
}

type Get = () => Made

const ROWS = `select coalesce(string_agg(n::text, ' ' order by n), '') from guest`
const add = ({ cluster }: Made, n: number) => cluster.sql(`insert into guest values (${n})`)

async function ready({ physical, place }: Made, places = 1): Promise<FolderPlace[]> {
  const all = Array.from({ length: places }, place)
  for (const one of all) await physical.prepare(one)
  await physical.archiveTo(all)
  return all
}

const take = ({ physical }: Made, place: FolderPlace, kind: 'full' | 'diff' = 'full', signal = NEVER) =>
  physical.take({ place, kind, signal, onProgress: () => {} })
const NEVER = new AbortController().signal

let restores = 0
async function restored(
  made: Made,
  place: FolderPlace,
  target: RestoreOrder['target'],
  more: Partial<RestoreOrder> = {},
): Promise<string> {
  const at = join(made.at, `restored-${++restores}`)
  await mkdir(at)
  // The user of PostgreSQL writes into this folder.
  await chmod(at, 0o777)
  const into = join(at, 'data')
  await made.physical.restore({ place, target, into, scratch: join(at, 'work'), ...more })
  return (await made.cluster.ask(into, ROWS))[0]!
}

function archiving(get: Get): void {
  test('a finished segment is at every place when it counts as archived', async () => {
    const made = get()
    const places = await ready(made, 2)
    await add(made, 1)
    const before = Date.now()
    const segment = await made.cluster.archived()
    for (const place of places) {
      const { segments } = await made.physical.archive(place)
      assert.ok(segments.includes(segment), `${segment} at ${place.name}: ${segments}`)
      const arrived = await made.physical.arrivedAt(place, segment)
      // Some places tell whole seconds.
      assert.ok(arrived !== null && arrived > before - 1_000 && arrived <= Date.now(), String(arrived))
      assert.equal(await made.physical.arrivedAt(place, segment.replace(/^.{8}/, '0000000F')), null)
    }
  })

  test('a backup is listed with what it is, begins in a segment that is there, and the newest is last', async () => {
    const made = get()
    const [place] = await ready(made)
    assert.deepEqual(await made.physical.list(place!), [])
    const full = await take(made, place!)
    const diff = await take(made, place!, 'diff')
    const listed = await made.physical.list(place!)
    assert.deepEqual(
      listed.map(b => [b.label, b.kind, b.prior, b.place, b.error]),
      [
        [full, 'full', null, place!.name, false],
        [diff, 'diff', full, place!.name, false],
      ],
    )
    const { segments } = await made.physical.archive(place!)
    for (const one of listed) {
      assert.ok(segments.includes(one.firstSegment), one.firstSegment)
      assert.ok(one.bytes > 1_000_000 && one.storedBytes > 0 && one.startedAt <= one.endedAt)
    }
  })
}

function restoring(get: Get): void {
  test('the last archived moment, one before it, a name, and the backup itself each have their rows', async () => {
    const made = get()
    const { sql } = made.cluster
    await sql('truncate guest')
    const [place] = await ready(made)
    await add(made, 1)
    const label = await take(made, place!)
    await add(made, 2)
    await sql(`select pg_sleep(0.05)`)
    const [moment] = await sql('select (extract(epoch from clock_timestamp()) * 1000)::bigint')
    await sql(`select pg_sleep(0.05)`)
    await add(made, 3)
    await sql(`select pg_create_restore_point('three')`)
    await add(made, 4)
    await made.cluster.archived()
    assert.equal(await restored(made, place!, { kind: 'latest', backup: null }), '1 2 3 4')
    assert.equal(
      await restored(made, place!, { kind: 'time', at: Number(moment), backup: label, timeline: 1 }),
      '1 2',
    )
    assert.equal(
      await restored(made, place!, { kind: 'point', name: 'three', backup: label, timeline: 1 }),
      '1 2 3',
    )
    assert.equal(await restored(made, place!, { kind: 'backup', label, timeline: 1 }), '1')
  })

  test('what was streamed and not archived comes too', async () => {
    const made = get()
    await made.cluster.sql('truncate guest')
    const [place] = await ready(made)
    await take(made, place!)
    await made.cluster.archived()
    await add(made, 7)
    const received = join(made.at, `received-${++restores}`)
    const [segment] = await made.cluster.sql('select pg_walfile_name(pg_current_wal_lsn())')
    await mkdir(join(received, segment!), { recursive: true })
    const partial = await open(join(received, segment!, `${segment}.partial`), 'w', 0o644)
    const [log] = await made.cluster.sql(
      `select encode(pg_read_binary_file('pg_wal/' || pg_walfile_name(pg_current_wal_lsn())), 'base64')`,
    )
    await partial.write(Buffer.from(log!, 'base64'))
    await partial.close()
    assert.equal(await restored(made, place!, { kind: 'latest', backup: null }), '')
    assert.equal(
      await restored(made, place!, { kind: 'latest', backup: null }, { received: [received] }),
      '7',
    )
  })

  test('what has expired is gone, and what is kept is restored', async () => {
    const made = get()
    await made.cluster.sql('truncate guest')
    const [place] = await ready(made)
    const first = await take(made, place!)
    await add(made, 5)
    const second = await take(made, place!)
    await made.cluster.archived()
    await made.physical.expire(place!, [first], 1)
    const [kept, ...others] = await made.physical.list(place!)
    assert.deepEqual([kept!.label, others], [second, []])
    const { segments } = await made.physical.archive(place!)
    assert.ok(
      segments.every(name => name >= kept!.firstSegment),
      `${kept!.firstSegment}: ${segments}`,
    )
    assert.equal(await restored(made, place!, { kind: 'latest', backup: null }), '5')
  })
}

function failing(get: Get): void {
  test('one that is cancelled is no backup', async () => {
    const made = get()
    const [place] = await ready(made)
    await assert.rejects(take(made, place!, 'full', AbortSignal.abort()))
    assert.deepEqual(await made.physical.list(place!), [])
  })

  test('all is sound, until one byte of what is stored is another', async () => {
    const made = get()
    const [place] = await ready(made)
    await take(made, place!)
    assert.deepEqual(await made.physical.verify(place!), [])
    await flip(await largest(place!.path))
    assert.notDeepEqual(await made.physical.verify(place!), [])
  })

  test('where there is no backup nothing is restored, and it says so', async () => {
    const made = get()
    const [place] = await ready(made)
    await assert.rejects(restored(made, place!, { kind: 'latest', backup: null }), { code: 'restore.target' })
  })
}

async function largest(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter(e => e.isFile() && e.parentPath.includes('base'))
    .map(e => join(e.parentPath, e.name))
  const sizes = await Promise.all(files.map(async file => ({ file, size: (await stat(file)).size })))
  return sizes.sort((a, b) => b.size - a.size)[0]!.file
}

async function flip(path: string): Promise<void> {
  const file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  const middle = Math.floor((await file.stat()).size / 2)
  await file.read(byte, 0, 1, middle)
  await file.write(Buffer.from([byte[0]! ^ 1]), 0, 1, middle)
  await file.close()
}
