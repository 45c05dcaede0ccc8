import assert from 'node:assert/strict'
import { test } from 'node:test'
import { holesIn, isWithin, lockedPackages, together } from './packages.ts'
import { addressOf } from './urls.ts'

const told = (value: string) => {
  const found = addressOf('X', value)
  return found === null ? null : [found.what, found.host, found.place, found.password, found.tls]
}

test('addresses of data services are told apart by password, place and TLS', () => {
  const cases: Array<[string, ReturnType<typeof told>]> = [
    ['postgres://shop:kX93jd82kQ@127.0.0.1:5432/shop', ['PostgreSQL', '127.0.0.1', 'here', 'good', false]],
    [
      'postgres://postgres:postgres@db.example.com/x',
      ['PostgreSQL', 'db.example.com', 'away', 'known', false],
    ],
    ['postgres://shop:changeme1@10.0.0.1/x', ['PostgreSQL', '10.0.0.1', 'near', 'known', false]],
    ['postgres://shop:shop@10.1.2.3/x?sslmode=require', ['PostgreSQL', '10.1.2.3', 'near', 'known', true]],
    ['postgres://shop@db/x?sslmode=prefer', ['PostgreSQL', 'db', 'near', 'none', false]],
    ['postgresql://shop@/x?host=/run/postgresql', ['PostgreSQL', '/run/postgresql', 'here', 'none', false]],
    ['rediss://:kX93jd82kQ@cache.example.com', ['Redis', 'cache.example.com', 'away', 'good', true]],
    ['redis://[::1]:6379', ['Redis', '::1', 'here', 'none', false]],
    ['mongodb+srv://a:kX93jd82kQ@c.example.com/x', ['MongoDB', 'c.example.com', 'away', 'good', true]],
    ['mysql://a:%E0%A4@h.example.com/x', ['MySQL', 'h.example.com', 'away', 'good', false]],
    ['https://a:b@example.com', null],
    ['postgres', null],
  ]
  for (const [value, wanted] of cases) assert.deepEqual(told(value), wanted, value)
})

const REGISTRY = 'http://127.0.0.1:4873/'
const LOCK = {
  packages: {
    '': { name: 'shop' },
    'node_modules/lodash': {
      version: '4.17.15',
      resolved: 'https://registry.npmjs.org/lodash/-/lodash-4.17.15.tgz',
    },
    'node_modules/a/node_modules/lodash': { version: '4.17.21', resolved: `${REGISTRY}lodash/-/x.tgz` },
    'node_modules/jest': { version: '1.0.0', dev: true, resolved: 'https://registry.npmjs.org/jest/-/x.tgz' },
    'node_modules/@own/x': { version: '1.0.0', resolved: 'https://npm.own.example/@own/x/-/x.tgz' },
    'node_modules/ill': {
      version: '1.0.0`sh`',
      resolved: 'https://registry.npmjs.org/ill/-/x.tgz',
    },
    'node_modules/near': { version: '1.0.0', link: true, resolved: 'near' },
    'node_modules/constructor': { version: '1.0.0', resolved: `${REGISTRY}constructor/-/x.tgz` },
  },
}

test('of a lockfile the packages of the registry are asked for, and no others', () => {
  const locked = lockedPackages(JSON.stringify(LOCK), REGISTRY)!
  assert.deepEqual(Object.entries(locked), [
    ['lodash', ['4.17.15', '4.17.21']],
    ['constructor', ['1.0.0']],
  ])
  assert.equal(lockedPackages('{"lockfileVersion":1}', REGISTRY), null)
  assert.equal(lockedPackages('not JSON', REGISTRY), null)
  assert.deepEqual(together([{ a: ['1.0.0'] }, { a: ['1.0.0', '2.0.0'], b: ['3.0.0'] }]), {
    a: ['1.0.0', '2.0.0'],
    b: ['3.0.0'],
  })
  const advisory = { title: 't', severity: 'moderate', url: 'u', vulnerable: '<4.17.21' }
  assert.deepEqual(
    holesIn(locked, { lodash: [advisory], unasked: [advisory] }).map(one => [one.version, one.severity]),
    [['4.17.15', 'medium']],
  )
})

test('versions are compared with ranges as npm does', () => {
  const cases: Array<[string, string, boolean]> = [
    ['4.17.15', '<4.17.21', true],
    ['4.17.21', '<4.17.21', false],
    ['4.17.21', '<=4.17.21', true],
    ['2.0.0', '>=1.0.0 <1.5.0 || >=2.0.0 <2.0.1', true],
    ['1.5.0', '>=1.0.0 <1.5.0 || >=2.0.0 <2.0.1', false],
    ['1.0.0-rc.2', '<1.0.0', true],
    ['1.0.0-rc.10', '>1.0.0-rc.9', true],
    ['1.2.3', '=1.2.3', true],
    ['1.2.3', '*', true],
    ['1.2.4', '>= 1.2.3, < 1.2.5', true],
  ]
  for (const [version, range, wanted] of cases)
    assert.equal(isWithin(version, range), wanted, `${version} ${range}`)
})
