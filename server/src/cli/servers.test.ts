import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { goalOf, readServers, serversFile, writeServers } from './servers.ts'

const KNOWN = { use: 'prod', servers: { prod: 'root@10.0.0.1', stage: 'stage.example.com:/srv' } }

test('a command goes where it is told, then where the environment says, then where the last one was sent', () => {
  const goal = (flag: string | undefined, env: Record<string, string>, known = KNOWN) =>
    goalOf({ flag, env }, known)
  const prod = { name: 'prod', address: 'root@10.0.0.1', remembered: false }
  assert.deepEqual(goal('prod', { INNKEEPER_HOST: 'stage' }), prod)
  assert.deepEqual(goal('root@x', {}), { name: null, address: 'root@x', remembered: false })
  assert.equal(goal(undefined, { INNKEEPER_HOST: 'stage' })!.address, 'stage.example.com:/srv')
  assert.deepEqual(goal(undefined, {}), { ...prod, remembered: true })
  assert.equal(goal(undefined, { INNKEEPER_URL: 'https://x' }), null)
  assert.equal(goal(undefined, { INNKEEPER_HOME: '/srv' }), null)
  assert.deepEqual(goal('toString', {}), { name: null, address: 'toString', remembered: false })
})

test('the list is the user’s alone, and comes back as it was kept; what is not such a list is said to be none', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-servers-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = serversFile({ XDG_CONFIG_HOME: folder })
  assert.deepEqual(await readServers(file), { use: null, servers: {} })
  await writeServers(KNOWN, file)
  assert.deepEqual(await readServers(file), KNOWN)
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.match(await readFile(file, 'utf8'), /^\{\n/)
  for (const text of ['', '[]', '{"use":"gone","servers":{}}', '{"use":null,"servers":{"a":1}}']) {
    await writeFile(file, text)
    await assert.rejects(readServers(file), { code: 'usage.servers' }, text)
  }
})
