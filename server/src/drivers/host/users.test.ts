import assert from 'node:assert/strict'
import { test } from 'node:test'
import { userName } from '../../apps/app/names.ts'
import { DEFAULTS } from '../npm/runtimes.ts'

test('no two apps share a user, however much of their names and of their homes is alike', () => {
  const long = 'a'.repeat(28)
  const names = ['/var/lib/innkeeper', '/root/.innkeeper'].flatMap(home =>
    ['shop', 'shop-2', `${long}-1`, `${long}-2`, 'shop-2-1'].map(app => userName(home, app)),
  )
  assert.equal(new Set(names).size, names.length)
  // useradd accepts at most 32 characters, and only these.
  for (const name of names) assert.match(name, /^[a-z][a-z0-9-]{1,31}$/)
})

test('package managers that a repository does not name are pinned to one version', () => {
  for (const version of Object.values(DEFAULTS)) assert.match(version, /^\d+\.\d+\.\d+$/)
})
