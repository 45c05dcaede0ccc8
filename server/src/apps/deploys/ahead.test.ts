import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import type { App } from '../app/app.ts'
import { isExpected } from './ahead.ts'
import { blue } from './deployer.fixture.ts'
import { release } from './plan.fixture.ts'

const FILE = `
name: shop
services: { api: { start: node api.js }, web: { start: node web.js } }
routes: { /api: api, /: web }
environments:
  staging: {}
  dev: {}
  production: { protection: { from: [staging] } }
`
const app = (name: string, live = { api: blue('r1'), web: blue('r1') }): App => ({
  ...{ name, port: 1, state: 'running', live, warm: {}, scale: {} },
})
const artifacts = { api: 'r1', web: 'r1' }
const serves = (name: string, environment: string, source: string) => ({
  app: app(name),
  release: release(1, { config: readConfigOrFail(FILE, environment), source, artifacts }),
})

test('what staging serves is copied where production takes promotions from it, and it is another source', () => {
  const production = serves('shop', 'production', 'a')
  const staging = serves('shop@staging', 'staging', 'b')
  assert.equal(isExpected(staging, production), true)
  assert.equal(isExpected(production, staging), false)
  assert.equal(isExpected(serves('shop@dev', 'dev', 'b'), production), false, 'it takes none from there')
  assert.equal(isExpected(serves('other@staging', 'staging', 'b'), production), false)
  assert.equal(isExpected(serves('shop@staging', 'staging', 'a'), production), false, 'it was promoted')
  assert.equal(isExpected(production, production), false)
})

test('what is of several builds is not copied: it cannot be promoted', () => {
  const production = serves('shop', 'production', 'a')
  const staging = serves('shop@staging', 'staging', 'b')
  const lent = { ...staging, release: { ...staging.release, artifacts: { api: 'r1', web: 'r2' } } }
  const partly = { ...staging, app: app('shop@staging', { api: blue('r1'), web: blue('r2') }) }
  assert.deepEqual([isExpected(lent, production), isExpected(partly, production)], [false, false])
})
