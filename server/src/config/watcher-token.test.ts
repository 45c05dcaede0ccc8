import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { homeAt } from './home.ts'
import { isWatcher, watcherToken, watcherTokenFile } from './watcher-token.ts'

test('all who ask at once for the token of Prometheus get the same one, which only the owner reads', async t => {
  const root = await mkdtemp(join(tmpdir(), 'inn-token-'))
  t.after(() => rm(root, { recursive: true }))
  const home = homeAt(root)
  const found = await Promise.all(Array.from({ length: 20 }, () => watcherToken(home)))
  const texts = new Set(found.map(token => token.reveal()))
  assert.equal(texts.size, 1)
  assert.match([...texts][0]!, /^[0-9a-f]{64}$/)
  assert.equal((await watcherToken(home)).reveal(), [...texts][0])
  for (const said of [undefined, '', 'Bearer ', [...texts][0]!, `Bearer ${[...texts][0]}x`])
    assert.equal(await isWatcher(home, said), false, String(said))
  assert.equal(await isWatcher(home, `Bearer ${[...texts][0]}`), true)
  assert.equal((await stat(watcherTokenFile(home))).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(home.metrics), ['alerts-token'], 'no half-made file is left')
})
