import assert from 'node:assert/strict'
import { test } from 'node:test'
import { homeAt } from '../../config/home.ts'
import { createAsides } from './aside.ts'
import type { RestoresPorts } from './ports.ts'
import type { Kept } from './store.ts'

const AT = Date.parse('2026-11-20T10:00:00Z')
const kept = (app: string, aside: string, more: Partial<Kept['names']> = {}): Kept => ({
  app,
  at: AT,
  names: { copy: 'c', fresh: 'f', aside, ...more },
  record: { says: 'then', at: 0, snapshots: [] },
})

/** Two apps: what a restore of one put aside, and two recoveries of the other. */
function asides(sizes: Record<string, number | 'never'>) {
  let measured = 0
  const restored = [kept('shop', 'old'), kept('far', 'base', { url: true })]
  const names: Record<string, string[]> = {
    bar: ['data', 'port', 'data.before-20261120T090000', 'data.before-20261120T110000'],
  }
  const of = (app: string) => ({
    app,
    home: homeAt('/h'),
    restores: { kept: async () => restored.filter(one => one.app === app) },
    inCluster: async () => names[app] ?? [],
    cluster: { asidePath: (name: string) => `/h/postgres/${app}/${name}` },
    files: {
      exists: async (path: string) => path in sizes,
      size: (path: string) => {
        measured++
        const size = sizes[path]!
        return size === 'never' ? new Promise<number>(() => {}) : Promise.resolve(size)
      },
    },
  })
  const list = createAsides({
    of,
    restores: { kept: async () => restored },
    clusters: async () => ['bar'],
    clock: { now: () => AT, sleep: async () => {} },
  } as unknown as RestoresPorts)
  return { list, measured: () => measured }
}

test('what restores and recoveries put aside is listed, newest first, and measured once', async () => {
  const { list, measured } = asides({
    '/h/postgres/shop/old': 100,
    '/h/apps/shop/closed/files.old': 20,
    '/h/postgres/bar/data.before-20261120T110000': 7,
  })
  // Sizes that take longer than a moment are there the next time.
  await list()
  const seen = await list()
  assert.deepEqual(
    seen.map(({ app, of, aside, bytes, moment }) => [app, of, aside, bytes, moment]),
    [
      ['bar', 'recovery', 'data.before-20261120T110000', 7, null],
      ['shop', 'restore', 'old', 120, 'then'],
      ['far', 'restore', 'base', null, 'then'],
      ['bar', 'recovery', 'data.before-20261120T090000', null, null],
    ],
  )
  assert.equal(measured(), 3)
})

test('a size that is still being measured holds nobody up', async () => {
  const { list } = asides({ '/h/postgres/shop/old': 'never' })
  assert.equal((await list()).find(one => one.app === 'shop')!.bytes, null)
})
