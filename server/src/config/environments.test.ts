import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from './read.ts'

const FILE = `name: shop
domains: [shop.example]
services:
  web: { start: node web.js, instances: 3, memory: 300MB, env: { LOG: info, KEY: { generate: 64 } } }
  jobs: { worker: true, start: node jobs.js }
database: { postgres: true, connections: 40 }
env: { SITE: https://shop.example, MAIL: { from: MAIL_KEY } }
backups: { schedule: '0 3 * * *' }
environments:
  staging:
    domains: [staging.shop.example]
    services: { web: { instances: 1, memory: null, env: { LOG: debug, KEY: { from: STAGING_KEY } } } }
    env: { SITE: https://staging.shop.example }
  production:
    services: { web: { env: { LOG: warn } } }
  bare:
`

const read = (environment?: string, file = FILE) => readConfig(file, environment)

test('an environment has what it says, and all else of the file', () => {
  const { config, problems, environments } = read('staging')
  assert.deepEqual([problems, environments], [[], ['production', 'staging', 'bare']])
  const [web, jobs] = config!.services
  assert.deepEqual([web!.instances, web!.memory, jobs!.kind], [1, undefined, 'worker'])
  assert.deepEqual(web!.env, { LOG: 'debug', KEY: { from: 'STAGING_KEY' } })
  assert.deepEqual(config!.env, { SITE: 'https://staging.shop.example', MAIL: { from: 'MAIL_KEY' } })
  assert.deepEqual([config!.domains, config!.database!.connections], [['staging.shop.example'], 40])
})

test('production is what the file says, with what it says of production', () => {
  const { config } = read()
  assert.deepEqual(config!.domains, ['shop.example'])
  assert.equal(config!.services[0]!.env['LOG'], 'warn')
  assert.equal('environments' in config!, false)
})

test('domains are of production alone: another environment has its own, or none', () => {
  const file = FILE.replace(
    'domains: [shop.example]',
    'domains: [shop.example, www.shop.example]\nredirects: { www.shop.example: shop.example }',
  )
  assert.deepEqual([read('bare', file).config!.domains, read('bare', file).config!.redirects], [[], {}])
})

test('a database that the file writes out is refused for every environment but production', () => {
  const file = FILE.replace('postgres: true, connections: 40', 'url: postgres://db.example/shop')
  assert.deepEqual(read(undefined, file).problems, [])
  const [problem] = read('staging', file).problems
  assert.equal(problem!.path, 'database.url')
  assert.match(problem!.message, /^staging would work on the database of production/)
  const own = file.replace('  bare:', '  bare: { database: { url: { from: BARE_URL } } }')
  assert.deepEqual(read('bare', own).config!.database!.url, { from: 'BARE_URL' })
  // What production writes out below its own name is its own too, and what it does not use belongs to the others.
  const live = 'postgres://live.example/shop'
  const both = file.replace(
    '  production:\n',
    `  qa: { database: { url: ${live} } }\n  production:\n    database: { url: ${live} }\n`,
  )
  assert.deepEqual(read('bare', both).problems, [])
  assert.equal(read('qa', both).problems[0]?.path, 'database.url')
})

test('a mistake is told with the line where it stands', () => {
  const file = FILE.replace('instances: 1,', 'instances: none,')
  assert.deepEqual(read(undefined, file).problems, [])
  const [problem] = read('staging', file).problems
  assert.deepEqual([problem!.path, problem!.line], ['services.web.instances', 12])
  const shared = FILE.replace('instances: 3,', 'instances: many,').replace('instances: 1,', '')
  assert.deepEqual(
    read('staging', shared).problems.map(p => p.line),
    [4],
  )
})

test('an environment that is not there, and keys that no environment may have, are told', () => {
  assert.match(
    read('stagign').problems[0]!.message,
    /^there is no environment stagign, the file has staging, bare/,
  )
  const named = FILE.replace('  bare:', '  bare: { name: other, environments: {} }')
  assert.deepEqual(
    read(undefined, named).problems.map(p => [p.path, p.line]),
    [
      ['environments.bare.name', 16],
      ['environments.bare.environments', 16],
    ],
  )
  assert.match(
    read('a', 'name: a\nservices: { a: { start: node a.js } }').problems[0]!.message,
    /the file names none/,
  )
  assert.match(read(undefined, FILE.replace('  bare:', '  Big_One:')).problems[0]!.message, /small letters/)
})

test('an environment may go without backups, and production never', () => {
  const file = (line: string) => FILE.replace('  bare:', `  bare: { ${line} }`)
  const { config } = read('bare', file('backups: false'))
  assert.equal(config!.backups.on, false)
  assert.deepEqual([config!.backups.where, config!.backups.drill], [{}, false])
  assert.equal(read(undefined, file('backups: false')).config!.backups.on, true)
  const [problem] = read(undefined, FILE.replace(/^backups: .*$/m, 'backups: false')).problems
  assert.equal(problem!.path, 'backups')
  assert.match(problem!.message, /^production is always backed up/)
  const all = FILE.replace(/^backups: .*$/m, 'backups: false').replace(
    '  production:',
    '  production:\n    backups: {}',
  )
  assert.equal(read(undefined, all).config!.backups.on, true)
  assert.equal(read('staging', all).config!.backups.on, false)
})
