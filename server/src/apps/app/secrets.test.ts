import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore, type Store } from '../../db/db.ts'
import { keepSetting } from '../../db/setting.ts'
import { secretStore } from './secrets.ts'

const BEFORE = { KEY: 'old', PASSWORD: 'drawn' }
const GIVEN = { KEY: 'new', TOKEN: 'first' }
const WANTED = { KEY: { value: 'new' }, TOKEN: { value: 'first' } }

async function withStore(work: (kept: ReturnType<typeof secretStore>, store: Store) => Promise<void>) {
  const store = openStore(':memory:')
  const kept = secretStore(store, () => 1000)
  await kept.keepSecrets('shop', BEFORE)
  await kept.putAside('shop', 'a', WANTED)
  await work(kept, store)
  await store.close()
}

/** Names of the settings that hold values put aside by requests. */
const aside = ({ raw }: Store) =>
  raw
    .prepare("select name from setting where name like 'secrets-given%'")
    .all()
    .map(row => row['name'])

test('what is put aside holds for nobody until it is taken up', () =>
  withStore(async kept => {
    assert.deepEqual(await kept.secrets('shop'), BEFORE)
    await kept.takeUp('shop', 'a')
    assert.deepEqual(await kept.secrets('shop'), { ...BEFORE, ...GIVEN })
  }))

test('taken up and given back, each of it twice, the earlier values hold, and what was drawn meanwhile stays', () =>
  withStore(async kept => {
    await kept.takeUp('shop', 'a')
    await kept.takeUp('shop', 'a')
    await kept.keepSecrets('shop', { ...(await kept.secrets('shop')), DRAWN: 'meanwhile' })
    await kept.giveBack('shop', 'a')
    assert.deepEqual(await kept.secrets('shop'), { ...BEFORE, DRAWN: 'meanwhile' })
    await kept.giveBack('shop', 'a')
    assert.deepEqual(await kept.secrets('shop'), { ...BEFORE, DRAWN: 'meanwhile' })
  }))

for (const row of ['secrets:shop', 'secrets-given:shop/a'])
  test(`the keeper killed before it wrote ${row}: it can go on, and it can go back`, () =>
    withStore(async (kept, { raw }) => {
      raw.exec(`create trigger cut before update on setting when new.name = '${row}'
        begin select raise(abort, 'the power is cut'); end`)
      await assert.rejects(kept.takeUp('shop', 'a'), /power is cut/)
      raw.exec('drop trigger cut')
      await kept.giveBack('shop', 'a')
      assert.deepEqual(await kept.secrets('shop'), BEFORE)
      await kept.takeUp('shop', 'a')
      assert.deepEqual(await kept.secrets('shop'), { ...BEFORE, ...GIVEN })
      await kept.giveBack('shop', 'a')
      assert.deepEqual(await kept.secrets('shop'), BEFORE)
    }))

test('given back before it was taken up, nothing changes', () =>
  withStore(async kept => {
    await kept.giveBack('shop', 'a')
    await kept.giveBack('shop', 'never-there')
    assert.deepEqual(await kept.secrets('shop'), BEFORE)
  }))

test('what nobody took up is forgotten when it is old, and then cannot be taken up', () =>
  withStore(async (kept, store) => {
    await kept.forgetGiven(1000)
    assert.equal(aside(store).length, 1, 'it is not older than that')
    await kept.forgetGiven(1001)
    assert.deepEqual(aside(store), [])
    await assert.rejects(kept.takeUp('shop', 'a'), { code: 'env.forgotten' })
    assert.deepEqual(await kept.secrets('shop'), BEFORE)
  }))

test('an app that is removed with its secrets takes its own with it, and nobody else’s', () =>
  withStore(async (kept, store) => {
    await kept.keepSecrets('shop-two', { KEY: 'other' })
    await kept.putAside('shop-two', 'b', WANTED)
    await kept.removeSecrets('shop')
    assert.deepEqual(await kept.secrets('shop'), {})
    assert.deepEqual(await kept.secrets('shop-two'), { KEY: 'other' })
    assert.deepEqual(aside(store), ['secrets-given:shop-two/b'])
  }))

test('since when a secret has its value is known; the same value once more is no new one', async () => {
  const store = openStore(':memory:')
  let now = 1000
  const kept = secretStore(store, () => now)
  await kept.keepSecrets('shop', { KEY: 'a' })
  now = 2000
  await kept.keepSecrets('shop', { KEY: 'a', MORE: 'b' })
  await kept.putAside('shop', 'x', { KEY: { value: 'a' }, MORE: { value: 'c' } })
  now = 3000
  await kept.takeUp('shop', 'x')
  assert.deepEqual(await kept.keptSecrets('shop'), {
    KEY: { value: 'a', since: 1000 },
    MORE: { value: 'c', since: 3000 },
  })
  await kept.giveBack('shop', 'x')
  assert.deepEqual((await kept.keptSecrets('shop'))['MORE'], { value: 'b', since: 2000 })
  await store.close()
})

test('null takes a secret away, and its undo brings it back with its age and what it is the earlier value of', async () => {
  const store = openStore(':memory:')
  const kept = secretStore(store, () => 1000)
  const previous = { of: 'KEY', until: 5000 }
  await kept.putAside('shop', 'x', { OLD: { value: 'a', previous } })
  await kept.takeUp('shop', 'x')
  await kept.putAside('shop', 'y', { OLD: null })
  await kept.takeUp('shop', 'y')
  assert.deepEqual(await kept.secrets('shop'), {})
  await kept.giveBack('shop', 'y')
  assert.deepEqual(await kept.keptSecrets('shop'), { OLD: { value: 'a', since: 1000, previous } })
  await store.close()
})

test('what an earlier version kept is read, and its age is not known', async () => {
  const store = openStore(':memory:')
  await keepSetting(store, 'secrets:shop', '{"KEY":"a"}')
  const kept = secretStore(store, () => 1000)
  assert.deepEqual(await kept.keptSecrets('shop'), { KEY: { value: 'a', since: null } })
  await kept.keepSecrets('shop', { KEY: 'a', MORE: 'b' })
  assert.equal((await kept.keptSecrets('shop'))['KEY']!.since, null)
  await store.close()
})
