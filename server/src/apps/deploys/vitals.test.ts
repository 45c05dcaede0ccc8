import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { planDeploy } from './changes.ts'
import { after, empty, wish } from './plan.fixture.ts'

test('the table says of which services pages are measured, and of the others nothing', () => {
  const config = readConfig(`
name: shop
services:
  web: { start: node web.js, vitals: true }
  site: { static: dist, vitals: true }
  api: { start: node api.js }
routes: { /: site, /web: web, /api: api }
`).config!
  const services = after(empty, planDeploy(empty, wish(1, { config }))).table!.services
  assert.deepEqual(
    ['web', 'site', 'api'].map(name => services[name]!.vitals),
    [true, true, undefined],
  )
})
