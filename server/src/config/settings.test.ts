import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Failure } from '../kernel/failure.ts'
import { httpPortOf, readSettings, usualHttpsPort } from './settings.ts'

test('the public port is the usual one, the one that is wished, or none', () => {
  assert.deepEqual(
    [httpPortOf(undefined, 80), httpPortOf('none', 80), httpPortOf('8080', 80), httpPortOf('65535', 80)],
    [80, null, 8080, 65_535],
  )
})

test('TLS has its usual port beside the usual public port, and none beside another one', () => {
  assert.deepEqual([80, 8080, 3000, null].map(usualHttpsPort), [443, 8443, null, null])
})

test('what is no port is refused, instead of being no port at all', () => {
  for (const wished of ['', '0', '080', '80a', '8O80', '-1', '65536', '80.5', 'None', ' 80'])
    assert.throws(() => httpPortOf(wished, 80), { code: 'home.http-port' }, wished)
})

test('the settings of a home are read back; a home without them was never set up', async t => {
  const home = await mkdtemp(join(tmpdir(), 'inn-settings-'))
  t.after(() => rm(home, { recursive: true }))
  assert.equal(await readSettings(home), null)
  const write = (value: object) => writeFile(join(home, 'settings.json'), JSON.stringify(value))
  await write({ apiPort: 7777, httpPort: null })
  assert.deepEqual(await readSettings(home), { apiPort: 7777, httpPort: null })
  const all = { apiPort: 7777, httpPort: 80, httpsPort: 443, proxyProtocol: true }
  await write(all)
  assert.deepEqual(await readSettings(home), all)
  await write({ apiPort: 'x', httpPort: null, more: 1 })
  await assert.rejects(readSettings(home), (error: Failure) => {
    assert.equal(error.code, 'settings.invalid')
    assert.match(error.why, /apiPort: .*\n.*more/)
    return true
  })
})
