import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore, type Store } from '../../db/db.ts'
import { secretStore } from './secrets.ts'

const BEFORE = { KEY: 'old', PASSWORD: 'drawn' }
const GIVEN = { KEY: 'new', TOKEN: 'first' }

async function withStore(work: (kept: ReturnType<typeof secretStore>, store: Store) => Promise<void>) {
  const store = openStore(':memory:')
  const kept = secretStore(store, () => 1000)
  await kept.keepSecrets('shop', BEFORE)
  await kept.putAside('shop', 'a', GIVEN)
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
    await kept.putAside('shop-two', 'b', GIVEN)
    await kept.removeSecrets('shop')
    assert.deepEqual(await kept.secrets('shop'), {})
    assert.deepEqual(await kept.secrets('shop-two'), { KEY: 'other' })
    assert.deepEqual(aside(store), ['secrets-given:shop-two/b'])
  }))
