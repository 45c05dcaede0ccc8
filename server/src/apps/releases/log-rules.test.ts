import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { logRulesOf } from './log-rules.ts'

const config = readConfigOrFail(`
name: shop
database: { postgres: true }
services:
  web:
    start: node a.js
    env: { OWN: { from: GIVEN }, PLAIN: said in the file, MODE: { from: MODE } }
env:
  JWT_SECRET: { generate: 40 }
  MODE: production-mode
  DB_HOST: { database: host }
  DB_PASSWORD: { database: password }
`)

test('values that were given or generated are hidden, and passwords in URLs; what the file says is not', () => {
  const env = {
    JWT_SECRET: 'j'.repeat(40),
    OWN: 'given one',
    PLAIN: 'said in the file',
    MODE: 'not of the file',
    DB_HOST: '127.0.0.1',
    DB_PASSWORD: 'pass word',
    DATABASE_URL: 'postgresql://shop:pass%20word@127.0.0.1:29000/shop',
    BROKEN: 'https://a:%zz@example.org',
    PLAIN_URL: 'https://example.org/x',
  }
  assert.deepEqual(logRulesOf({ config }, 'web', env).secrets, {
    JWT_SECRET: ['j'.repeat(40)],
    OWN: ['given one'],
    MODE: ['not of the file'],
    DB_PASSWORD: ['pass word'],
    DATABASE_URL: ['pass%20word', 'pass word'],
    BROKEN: ['%zz'],
  })
})

test('what is below the level is left out, and of the rest a share is kept; without `logging:` all', () => {
  const keep = (logging: string) =>
    logRulesOf(
      { config: readConfigOrFail(`name: shop\nservices: { web: { start: node a.js } }\n${logging}`) },
      'web',
      {},
    ).keep
  assert.deepEqual(keep(''), {})
  assert.deepEqual(keep('logging: { level: info }'), { debug: 0 })
  assert.deepEqual(keep('logging: { level: info, sample: { debug: 50%, info: 10% } }'), {
    debug: 0,
    info: 0.1,
  })
  assert.deepEqual(keep('logging: { sample: { debug: 0.5 %, info: 100% } }'), { debug: 0.005 })
  assert.deepEqual(keep('logging: { level: warn }'), { debug: 0, info: 0 })
  for (const wrong of [
    '{ level: error }',
    '{ sample: { info: 0.1 } }',
    '{ sample: { info: 101% } }',
    '{ sample: { warn: 1% } }',
  ])
    assert.throws(() => keep(`logging: ${wrong}`), { code: 'config.invalid' }, wrong)
})

test('a service with rules of its own has them alone', () => {
  const both = readConfigOrFail(`
name: shop
services:
  web: { start: node a.js, logging: { sample: { debug: 50% } } }
  mail: { start: node b.js, worker: true }
logging: { level: info, sample: { info: 10% } }
`)
  assert.deepEqual(logRulesOf({ config: both }, 'web', {}).keep, { debug: 0.5 })
  assert.deepEqual(logRulesOf({ config: both }, 'mail', {}).keep, { debug: 0, info: 0.1 })
})
