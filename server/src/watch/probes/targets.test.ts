import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import type { Probing } from './probe.ts'
import { type Around, healthRoute, probingsOf, withoutSecrets } from './targets.ts'

const configOf = (more: string, services = 'api: { start: node a, health: { path: /health } }') => {
  const { config, problems } = readConfig(`name: shop\nservices: { ${services} }\n${more}`)
  assert.deepEqual(problems, [])
  return config!
}
const around = (more: string, rest: Partial<Around> = {}): Around => ({
  ...{ app: 'shop', port: 8001, release: 'r1', config: configOf(more) },
  ...{ env: {}, secrets: {}, instances: [] },
  ...rest,
})
const one = (more: string, rest: Partial<Around> = {}): Probing => {
  const all = probingsOf(around(more, rest))
  assert.equal(all.length, 1)
  return all[0]!
}
/** Where a target leads, revealed. */
const urlOf = ({ target }: Probing): string => ('url' in target ? target.url.reveal() : '')

/** As whom it is asked. */
const asOf = ({ target }: Probing) => (target.kind === 'http' ? target.as : null)

test('an app with a domain is asked through the edge without a line, as its health says', () => {
  const probe = one('domains: [shop.example]')
  assert.deepEqual(
    [probe.name, probe.own, probe.kind, urlOf(probe)],
    ['edge', true, 'http', 'http://127.0.0.1:8001/health'],
  )
  assert.equal(probe.shown, 'shop.example/health through the edge')
  assert.deepEqual(
    [asOf(probe), probe.everyMs, probe.failures],
    [{ host: 'shop.example', proto: 'https' }, 60_000, 3],
  )
  assert.deepEqual(probingsOf(around('')), [], 'nobody comes by the edge')
  const own = one('domains: [shop.example]\nprobes: { edge: { http: /up, every: 1h } }')
  assert.deepEqual([own.own, urlOf(own), own.everyMs], [false, 'http://127.0.0.1:8001/up', 3_600_000])
})

test('a name that is sent on, or that stands for many, is not the one that is asked for', () => {
  const probe = one(
    'domains: ["*.shop.example", www.shop.example, shop.example]\nredirects: { www.shop.example: shop.example }',
  )
  assert.deepEqual(asOf(probe), { host: 'shop.example', proto: 'https' })
})

test('an app is told the scheme that its visitors use', () => {
  const services = 'api: { start: node a, health: { path: /health, proto: https } }'
  const as = (more: string, own?: string) =>
    asOf(probingsOf(around('', { config: configOf(`probes: { x: { http: /x } }\n${more}`, own) })).at(-1)!)
  assert.deepEqual(as('domains: [a.example]\ntls: false'), { host: 'a.example' })
  assert.deepEqual(as(''), {})
  assert.deepEqual(as('', services), { proto: 'https' }, 'as its health says')
})

test('the health path of a service is asked through the edge only where it leads to that service', () => {
  const cases: Array<[routes: string, services: string, expected: string | null]> = [
    ['/: web', 'web: { start: node a, health: { path: /h } }', 'web'],
    ['/: web', 'web: { start: node a }', null],
    ['/api: api, /: web', 'web: { start: node a }, api: { start: node b, health: { path: /h } }', null],
    [
      '/api: api, /: web',
      'web: { start: node a }, api: { start: node b, health: { path: "/api/h?x=1" } }',
      'api',
    ],
    [
      '/api: api, /: web',
      'api: { start: node b, health: { path: /api/h } }, web: { start: node a, health: { path: /h } }',
      'web',
    ],
    ['/: web', 'web: { static: dist }', null],
  ]
  for (const [routes, services, expected] of cases)
    assert.equal(
      healthRoute(configOf(`routes: { ${routes} }`, services))?.name ?? null,
      expected,
      `${routes} ${services}`,
    )
})

test('each instance is asked at its own port, and by the name that its health has', () => {
  const config = configOf(
    'probes: { deep: { http: /deep, each: api } }',
    'api: { start: node a, health: { path: /health, host: shop.example } }',
  )
  const instances = [
    { service: 'api', instance: 'api.blue.1', port: 4001 },
    { service: 'api', instance: 'api.blue.2', port: 4002 },
    { service: 'web', instance: 'web.blue.1', port: 4003 },
  ]
  const all = probingsOf(around('', { config, instances }))
  assert.deepEqual(
    all.map(probe => [probe.instance, urlOf(probe), asOf(probe)]),
    [
      ['api.blue.1', 'http://127.0.0.1:4001/deep', { host: 'shop.example' }],
      ['api.blue.2', 'http://127.0.0.1:4002/deep', { host: 'shop.example' }],
    ],
  )
})

test('databases are those of the app or those that are named, addresses are taken apart', () => {
  const env = { DATABASE_URL: 'postgresql://a:b@127.0.0.1:1/shop', REDIS_URL: 'redis://:c@127.0.0.1:2' }
  const own = probingsOf(
    around(
      'database: { postgres: true }\nredis: true\nprobes: { d: { postgres: true }, r: { redis: true } }',
      {
        env,
      },
    ),
  )
  assert.deepEqual(own.map(urlOf), [env.DATABASE_URL, env.REDIS_URL])
  assert.deepEqual(
    own.map(({ shown }) => shown),
    ["the app's own database", "the app's own Redis"],
  )
  const given = one('probes: { d: { postgres: { from: OTHER } } }', {
    secrets: { OTHER: 'postgresql://a:secret@db.example:5433/x' },
  })
  assert.deepEqual(
    [urlOf(given), given.shown],
    ['postgresql://a:secret@db.example:5433/x', 'postgresql://db.example:5433/…'],
  )
  assert.deepEqual(one('probes: { d: { tcp: "[::1]:25" } }').target, { kind: 'tcp', host: '::1', port: 25 })
  assert.deepEqual(one('probes: { d: { certificate: "a.example:443" } }').target, {
    ...{ kind: 'certificate', host: 'a.example', port: 443, days: 14 },
  })
  const command = one('probes: { d: { command: ["node", "check.js", "--key", "hunter2"] } }')
  assert.doesNotMatch(command.shown, /hunter2/)
})

test('a URL is shown without what may be a key', () => {
  assert.equal(withoutSecrets('https://u:p@h.example:8443/hook/T0K3N?key=1'), 'https://h.example:8443/…')
  assert.equal(withoutSecrets('https://h.example'), 'https://h.example')
  assert.equal(withoutSecrets('nonsense'), 'a URL that cannot be read')
})
