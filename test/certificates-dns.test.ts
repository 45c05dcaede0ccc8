import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { type Pebble, startPebble } from '../server/src/drivers/acme/pebble.fixture.ts'
import { freePartPort } from '../server/src/drivers/host/ports.ts'
import type { CertificateView } from '../server/src/reach/certificates/wire.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { failureOf } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'
import { shownAt } from './kit/tls.ts'

let pebble: Pebble
let second: Pebble
let server: Server
let https: number

before(async () => {
  const http = await freePartPort()
  https = await freePartPort()
  ;[pebble, second] = await Promise.all([startPebble({ httpPort: http }), startPebble({ httpPort: http })])
  const ports = { INNKEEPER_HTTP_PORT: String(http), INNKEEPER_HTTPS_PORT: String(https) }
  server = await makeServer({ env: { ...ports, INNKEEPER_RESOLVER: pebble.dns } })
})
after(async () => {
  await server?.remove()
  await Promise.all([pebble?.remove(), second?.remove()])
})

/** What an app has, as soon as it satisfies `is`; after the time limit, the last that was seen. */
async function certificate(app: string, is: (one: CertificateView) => boolean): Promise<CertificateView> {
  for (const end = Date.now() + 30_000; ; await sleep(100)) {
    const one = (await server.client.get<CertificateView[]>('/api/certificates')).find(c => c.app === app)
    if (one !== undefined && (is(one) || Date.now() > end)) return one
    assert.ok(Date.now() < end, `${app} asks for no certificate`)
  }
}

/** The zone of these tests is kept by the DNS server beside Pebble, as at a provider with an API. */
const HOOK = `
const [what, name, text] = process.argv.slice(2)
const host = name + '.'
const how = what === 'add' ? ['set-txt', { host, value: text }] : ['clear-txt', { host }]
fetch(process.env.ZONE_API + '/' + how[0], {
  method: 'POST',
  headers: { authorization: process.env.ZONE_TOKEN },
  body: JSON.stringify(how[1]),
}).then(answer => { if (!answer.ok) process.exitCode = 1 })
if (process.getuid() === 0 || process.env.ZONE_TOKEN !== 'zone-token-of-the-app') {
  console.error('it runs as ' + process.getuid())
  process.exitCode = 3
}
`
const inZone = (api: string, { add, wait }: { add: string; wait: string }) => `tls:
  authority: "${pebble.directory}"
  root: ${pebble.rootFile}
  dns:
    add: ${add}
    remove: node dns.js remove
    env: { ZONE_API: "${api}", ZONE_TOKEN: { from: ZONE_TOKEN } }
    wait: ${wait}
`

test('a wildcard gets its certificate by records that the app’s own command puts into its zone, as the app', async () => {
  const file = (add: string, wait: string) =>
    yaml('t-zone', `domains: ["zone.test", "*.zone.test"]\n${inZone(pebble.management, { add, wait })}`)
  const source = {
    'innkeeper.yaml': file('node dns.js wrong', '100ms'),
    'server.js': serverJs('v1'),
    'dns.js': HOOK,
  }
  const app = await makeApp(server, 't-zone', source)
  assert.match(failureOf(await app.deploy(), 'env.missing').what, /ZONE_TOKEN/)
  // The name leads elsewhere, which a proof by DNS does not mind.
  await pebble.say('add-a', { host: 'zone.test', addresses: ['127.0.0.9'] })
  const given = ['--env', 'ZONE_TOKEN=zone-token-of-the-app']
  assert.equal((await app.deploy(given)).json.outcome, 'done')
  const unseen = await certificate('t-zone', one => one.failures > 0)
  assert.match(unseen.domains[0]!.reason!, /_acme-challenge\.zone\.test was added and is not to be seen/)
  await app.write({ 'innkeeper.yaml': file('node dns.js add', '20s') })
  assert.equal((await app.deploy()).json.outcome, 'done')
  const renewed = await server.inn(['certs', 'renew', 't-zone'])
  assert.equal(renewed.json.outcome, 'done', renewed.text)
  const { state, domains } = await certificate('t-zone', one => one.state === 'good')
  assert.deepEqual([state, domains.length], ['good', 2])
  const place = { port: https, ca: await pebble.issuer() }
  for (const name of ['zone.test', 'any.zone.test'])
    assert.match((await shownAt({ name, ...place })).names, /DNS:\*\.zone\.test/)
  assert.ok(!renewed.text.includes('zone-token-of-the-app'))
})

test('an app with the address of the server among its domains has TLS without a name', async () => {
  const by = `{ authority: "${pebble.directory}", root: ${pebble.rootFile} }`
  const file = yaml('t-address', `domains: ["127.0.0.1"]\ntls: ${by}\n`)
  const app = await makeApp(server, 't-address', { 'innkeeper.yaml': file, 'server.js': serverJs('v1') })
  assert.equal((await app.deploy()).json.outcome, 'done')
  const { state, reason } = await certificate('t-address', one => one.state === 'good' || one.failures > 0)
  assert.equal(state, 'good', reason ?? '')
  const socket = connect({ host: '127.0.0.1', port: https, ca: await pebble.issuer() })
  await once(socket, 'secureConnect')
  assert.match(socket.getPeerX509Certificate()!.subjectAltName!, /IP Address:127\.0\.0\.1/)
  socket.destroy()
})

test('a second authority issues when the first one is away and there is no certificate', async () => {
  const by = (of: Pebble) => `authority: "${of.directory}", root: ${of.rootFile}`
  const tls = `tls: { ${by(pebble)}, fallback: { ${by(second)} } }\n`
  const file = yaml('t-second', `domains: [second.test]\n${tls}`)
  await pebble.stop()
  const app = await makeApp(server, 't-second', { 'innkeeper.yaml': file, 'server.js': serverJs('v1') })
  assert.equal((await app.deploy()).json.outcome, 'done')
  await certificate('t-second', one => one.failures > 0)
  const again = () => server.inn(['certs', 'renew', 't-second', '--wait'])
  for (let n = 0; n < 2; n++) failureOf(await again(), 'certificate.unreachable')
  const ended = await again()
  assert.equal(ended.json.outcome, 'done', ended.text)
  const { authority, state } = await certificate('t-second', one => one.state === 'good')
  assert.deepEqual([authority, state], [second.directory, 'good'])
  await shownAt({ name: 'second.test', port: https, ca: await second.issuer() })
})
