import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { originsOf } from './env-origin.ts'

test('of each variable it is known where its value comes from, and the value is not said', () => {
  const config = readConfigOrFail(`
name: shop
services:
  web: { start: node web.js, env: { OWN: canary } }
  mail: { start: node mail.js, worker: true }
database: { postgres: true }
env:
  KEY: { from: KEY }
  OTHER: { from: STRIPE_KEY }
  SALT: { generate: 32 }
  DB_HOST: { database: host }
`)
  const names = ['NODE_ENV', 'DATABASE_URL', 'KEY', 'OTHER', 'SALT', 'DB_HOST', 'OWN']
  const found = originsOf(config, 'web', names)
  assert.deepEqual(Object.fromEntries(found.map(one => [one.name, one.origin])), {
    DATABASE_URL: 'the database',
    DB_HOST: 'the database: its host',
    KEY: 'given with a deploy',
    NODE_ENV: 'Innkeeper',
    OTHER: 'given with a deploy, as STRIPE_KEY',
    OWN: 'innkeeper.yaml',
    PORT: 'Innkeeper',
    SALT: 'generated, and kept',
  })
  assert.doesNotMatch(JSON.stringify(found), /canary/)
  assert.deepEqual(originsOf(config, 'mail', []), [], 'a worker has no port')
})
