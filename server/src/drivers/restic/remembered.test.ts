import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Place } from '../../data/places/place.ts'
import { Secret } from '../../kernel/secret.ts'
import { remembered } from './remembered.ts'

async function repository(t: TestContext) {
  const path = await mkdtemp(join(tmpdir(), 'inn-remembered-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  for (const name of ['keys', 'snapshots', 'data']) await mkdir(join(path, name))
  for (const name of ['config', 'keys/one', 'snapshots/one']) await writeFile(join(path, name), 'as made')
  let key = 'a key of the test'
  let reads = 0
  const lists = remembered<number>({ password: async () => new Secret(key) })
  const place: Place = { kind: 'folder', name: 'disk', path }
  return {
    place,
    read: (from: Place = place, isSound = true) =>
      lists(
        from,
        async () => ++reads,
        () => isSound,
      ),
    rekey: () => (key = 'another'),
  }
}

test('what was read of a folder holds until its files of snapshots, its keys or the password are others', async t => {
  const { place, read, rekey } = await repository(t)
  const at = (name: string) => join(place.kind === 'folder' ? place.path : '', name)
  assert.deepEqual([await read(), await read()], [1, 1])
  await writeFile(at('data/pack'), 'what no list depends on')
  assert.equal(await read(), 1)
  for (const [n, change] of [
    () => writeFile(at('snapshots/two'), ''),
    () => writeFile(at('snapshots/one'), 'damaged'),
    () => rename(at('snapshots/two'), at('snapshots/three')),
    () => rm(at('snapshots/three')),
    () => writeFile(at('keys/two'), ''),
    () => writeFile(at('config'), 'another'),
    async () => rekey(),
  ].entries()) {
    await change()
    assert.deepEqual([await read(), await read()], [n + 2, n + 2], String(change))
  }
})

test('files behind a link count, too', async t => {
  const { place, read } = await repository(t)
  const at = (name: string) => join(place.kind === 'folder' ? place.path : '', name)
  await rename(at('snapshots'), at('elsewhere'))
  await symlink('elsewhere', at('snapshots'))
  assert.deepEqual([await read(), await read()], [1, 1])
  await writeFile(at('elsewhere/two'), '')
  assert.equal(await read(), 2)
})

test('nothing is remembered of a list that warned, and of a folder without a repository', async t => {
  const { place, read } = await repository(t)
  assert.deepEqual([await read(place, false), await read(place, false)], [1, 2])
  const nowhere: Place = { kind: 'folder', name: 'nowhere', path: '/nowhere/at/all' }
  assert.deepEqual([await read(nowhere), await read(nowhere)], [3, 4])
})
