import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { userName } from '../../server/src/apps/app/names.ts'
import { findAccount } from '../../server/src/drivers/host/users.ts'
import { type Fixture, makeApp, serverJs, yaml } from '../kit/app.ts'
import { good } from '../kit/proof.ts'
import { makeServer, type Server } from '../kit/server.ts'
import { ask } from '../kit/visitors.ts'

// A root that may neither mount nor change the firewall, as in most containers.

const NAME = 't-small'
let server: Server
let app: Fixture

before(async () => {
  server = await makeServer({ capabilities: '-sys_admin,-net_admin' })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, '', '    persist: [uploads]\n'),
    'server.js': serverJs('v1'),
  })
})

after(() => server?.remove())

test('where the kernel refuses a wall, apps run with the rights that are left to take away, and status says what is missing', async () => {
  good(await app.deploy())
  const status = await server.app(NAME, found => found.state === 'serving')
  assert.equal((await ask(`${status.url}/`)).status, 200)
  const pid = status.services.flatMap(service => service.instances)[0]!.pid!
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  const { uid } = (await findAccount(userName(server.home, NAME)))!
  assert.match(text, new RegExp(`^Uid:\\s+${uid}\\s`, 'm'))
  assert.match(text, /^CapEff:\s+0+$/m)
  assert.match(text, /^NoNewPrivs:\s+1$/m)
  const codes = (await server.status()).alarms.map(alarm => alarm.code)
  assert.ok(codes.includes('walls.ports') && codes.includes('walls.mounts'), codes.join())
})
