import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asPreview } from './as-preview.ts'
import type { AppConfig } from './config.ts'
import { readConfig } from './read.ts'
import { componentsOf } from './status-page.ts'

const file = (page: string, more = ''): string => `name: shop
domains: [shop.example]
services: { api: { start: node a.js }, web: { start: node b.js }, bot: { start: node c.js, worker: true } }
routes: { /: web, /api: api }
statusPage: ${page}
${more}`
const problems = (page: string): string[] => readConfig(file(page)).problems.map(one => one.message)
const config = (page: string, more = '', environment = 'production') =>
  readConfig(file(page, more), environment).config as AppConfig

test('without components each service that takes requests is one, by its name', () => {
  const { statusPage, services } = config('{}')
  assert.deepEqual(componentsOf(statusPage!, services), [
    { name: 'api', services: ['api'] },
    { name: 'web', services: ['web'] },
  ])
})

test('components have names of their own, each with a service or several, in the order of the file', () => {
  const { statusPage, services } = config(
    '{ domain: Status.Shop.example, components: { Website: [web, bot], Checkout: api } }',
  )
  assert.equal(statusPage!.domain, 'status.shop.example')
  assert.deepEqual(componentsOf(statusPage!, services), [
    { name: 'Website', services: ['web', 'bot'] },
    { name: 'Checkout', services: ['api'] },
  ])
})

const REFUSED: Array<[string, RegExp]> = [
  ['{ domain: shop.example }', /a name of its own/],
  ['{ domain: "*.shop.example" }', /without \*/],
  ['{ domain: "a b" }', /not a host name/],
  ['{ components: { Website: wbe } }', /no service wbe/],
  ['{ components: {} }', /from 1 to 30/],
  ['{ components: { "<b>": web } }', /on one line/],
  ['{ title: "a\\nb" }', /one line/],
  ['{ mail: "Not a channel" }', /small letters/],
  ['{ colour: red }', /unknown key/],
]
for (const [page, why] of REFUSED)
  test(`a status page of ${page} is refused`, () => assert.match(problems(page).join('\n'), why))

test('another environment has none unless it is given one, and a preview never has', () => {
  const more = 'environments: { staging: {}, other: { statusPage: { domain: status.other.example } } }'
  assert.equal(config('{}', more, 'staging').statusPage, undefined)
  assert.equal(config('{}', more, 'other').statusPage?.domain, 'status.other.example')
  const rules = { ...config('{}').previews!, memory: 1, sleep: 0, ttl: 1, password: false } as never
  assert.equal(asPreview(config('{}'), rules, 'preview-x').statusPage, undefined)
})
