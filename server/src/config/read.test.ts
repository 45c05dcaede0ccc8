import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from './read.ts'

const GOOD = `
name: shop
services:
  api: { start: node server.js, instances: 2, memory: 256MB, health: { path: /health, expect: { json: { path: status, equals: ok } } } }
  web: { static: dist }
routes: { /api: api, /: web }
database: { postgres: true }
env: { SESSION_SECRET: { generate: 64 }, PLAIN: 3 }
`

const problems = (text: string) => readConfig(text).problems.map(p => `${p.line}: ${p.path}: ${p.message}`)

test('a good file is read with its defaults, durations and sizes as numbers', () => {
  const { config } = readConfig(GOOD)
  assert.deepEqual(config!.services[0]!.start, ['node', 'server.js'])
  assert.equal(config!.services[0]!.memory, 256 * 1024 * 1024)
  assert.equal(config!.services[0]!.health.startPeriod, 30_000)
  assert.equal(config!.services[1]!.kind, 'static')
  assert.deepEqual(
    config!.routes.map(r => r.prefix),
    ['/api', '/'],
  )
  assert.equal(config!.env['PLAIN'], '3')
})

test('a mistyped key is named with its line and the key that was meant', () => {
  assert.deepEqual(problems(GOOD.replace('instances', 'instnaces')), [
    '4: services.api.instnaces: unknown key; did you mean instances?',
  ])
  assert.match(problems(`${GOOD}databse: {}\n`)[0]!, /^9: databse: unknown key; did you mean database\?/)
})

test('every problem is reported at once', () => {
  const found = problems(
    'name: Shop\nservices:\n  api: { start: "a && b", memory: lots, health: { interval: soon } }\nroutes: { api: x }\n',
  )
  assert.equal(found.length, 5, found.join('\n'))
  assert.match(found.join('\n'), /line without|cannot run without a shell/)
  assert.match(found.join('\n'), /"lots" is not a size/)
})

test('domains are host names, sizes have a unit, and names of parts are taken', () => {
  const withDomain = (domain: string) => problems(`${GOOD}domains: ["${domain}"]\n`)
  for (const good of ['shop.example', '*.shop.example', 'localhost', `${'a'.repeat(63)}.example`])
    assert.deepEqual(withDomain(good), [], good)
  for (const bad of [
    'shop..example',
    '-shop.example',
    'shop.example:80',
    `${'a'.repeat(64)}.example`,
    'a.*.example',
  ])
    assert.match(withDomain(bad).join(), /not a host name/, bad)
  assert.match(
    problems('name: a\nservices: { api: { start: x, memory: 256 } }').join(),
    /"256" is not a size/,
  )
  assert.match(problems('name: postgres\nservices: { api: { start: x } }').join(), /part of the server/)
})

test('a mistyped shape of a value is told by what was meant', () => {
  const env = (text: string) => problems(`name: a\nservices: { api: { start: x } }\nenv: { A: ${text} }\n`)
  assert.deepEqual(env('{ genrate: 64 }'), ['3: env.A.genrate: unknown key; did you mean generate?'])
  assert.match(env('{ secret: 64 }').join(), /known here: generate, from, database and redis/)
})

test('a route to a service that does not exist, and a service without a start, are told', () => {
  assert.match(problems(GOOD.replace('/: web', '/: wb')).join(), /there is no service wb; did you mean web\?/)
  assert.match(problems('name: a\nservices: { api: {} }').join(), /services.api.start: is missing/)
})

test('a path that leaves the repository is refused', () => {
  assert.match(problems(GOOD.replace('static: dist', 'static: ../dist')).join(), /leaves the repository/)
})

test('text that is not YAML says where', () => {
  assert.match(problems('name: [a')[0]!, /^1: : not YAML/)
})

test('an empty file says what is missing instead of throwing', () => {
  assert.match(problems('').join(), /name: is missing/)
})

test('a part of a database that the file does not have is told', () => {
  assert.match(
    problems('name: a\nservices: { api: { start: node a } }\nenv: { DB_HOST: { database: host } }').join(),
    /env.DB_HOST: the file has no database/,
  )
})
