import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { App } from '../../apps/app/app.ts'
import { appStore } from '../../apps/app/store.ts'
import { releaseStore } from '../../apps/releases/store.ts'
import { homeAt } from '../../config/home.ts'
import { readConfig } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import { keptApps, policyNow } from './kept.ts'

/** The policy after a deploy of all services (r1), and a partial deploy of the last one (r2) with `more` in its file. */
async function afterPartial(more: string, services = '') {
  const store = openStore(':memory:')
  const now = () => 1
  const ports = { apps: appStore(store, now), releases: releaseStore(store, now), home: homeAt('/srv/inn') }
  const file = (text: string, added: string) =>
    readConfig(
      `name: shop\nservices:\n  web: { start: node web.js }\n  api: { start: node api.js }\n${added}routes: { /api: api, /: web }\n${text}`,
    ).config!
  const configs = [file('', ''), file(more, services)]
  await ports.apps.create('shop', 8000)
  for (const [n, config] of configs.entries())
    await ports.releases.put(
      {
        app: 'shop',
        id: `r${n + 1}`,
        number: n + 1,
        state: 'ready',
        actor: 'anna',
        source: '',
        commit: null,
        config,
        artifacts: {},
        migrations: [],
        sizeBytes: 1,
        left: {},
        buildKey: null,
        createdAt: 1,
      },
      {},
    )
  const last = configs[1]!.services.at(-1)!.name
  const live: App['live'] = {
    web: { release: 'r1', colour: 'blue' },
    api: { release: 'r1', colour: 'blue' },
    [last]: { release: 'r2', colour: 'green' },
  }
  await ports.apps.setLive('shop', { live, warm: {}, state: 'running' })
  const seen = { policy: await policyNow(ports, 'shop'), kept: (await keptApps(ports)).get('shop')! }
  await store.close()
  return seen
}

test('what a partial deploy adds to the file holds at once: streaming, places, retention, Redis, folders, dumps', async () => {
  const rpo = 'database: { postgres: true }\nbackups: { where: { second: { folder: /mnt, rpo: 0 } } }\n'
  assert.equal((await afterPartial(rpo)).policy.receive?.path, '/mnt')

  const places = 'backups: { where: { here: { folder: /a }, there: { folder: /b } }, keep: { daily: 90 } }\n'
  const { policy } = await afterPartial(places)
  assert.deepEqual(
    policy.places.map(place => place.name),
    ['here', 'there'],
  )
  assert.equal(policy.keep.daily, 90)

  assert.equal((await afterPartial('redis: true\n')).kept.redis, true)
  assert.equal(
    (await afterPartial('database: { postgres: true }\nbackups: { dump: true }\n')).kept.dump,
    true,
  )

  const added = '  late: { start: node late.js, worker: true, persist: [uploads] }\n'
  assert.equal((await afterPartial('', added)).kept.files, true)
})

test('what a partial deploy takes out of the file is asked for no more', async () => {
  assert.deepEqual((await afterPartial('')).kept, { files: false, redis: false, dump: false })
})
