import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import { appStore } from '../app/store.ts'
import { releaseStore } from './store.ts'

test('a release of an earlier version has the defaults of keys that came later', async () => {
  const store = openStore(':memory:')
  await appStore(store, () => 1).create('shop', 8000)
  const releases = releaseStore(store, () => 1)
  const of = (tls: string) =>
    readConfig(`name: shop\n${tls}services: { web: { start: node web.js } }\n`).config!
  const about = { app: 'shop', state: 'ready', actor: 'anna', source: '', commit: null } as const
  const rest = {
    artifacts: {},
    migrations: [],
    sizeBytes: 1,
    left: {},
    previous: {},
    branch: 'main',
    buildKey: null,
    createdAt: 1,
  }
  const all = ['', 'tls: false\n', 'tls: { certificate: /a, key: /b }\n', 'tls: { email: a@b }\n'].map(of)
  for (const [n, config] of all.entries()) {
    const earlier = JSON.parse(JSON.stringify(config, (key, value) => (key === 'modern' ? undefined : value)))
    if (n === 0) delete earlier.tls
    await releases.put({ ...about, ...rest, id: `r${n}`, number: n, config: earlier }, {})
    assert.deepEqual((await releases.get('shop', `r${n}`)).config.tls, config.tls)
  }
  await store.close()
})
