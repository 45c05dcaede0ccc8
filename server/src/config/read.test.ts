import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig, readConfigOrFail } from './read.ts'

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

test('a database of ours is one with a version, too', () => {
  const of = (database: string) =>
    readConfig(`name: a\nservices: { api: { start: node a } }\ndatabase: ${database}\n`)
  assert.deepEqual(of('{ postgres: true }').config!.database, {
    postgres: true,
    role: 'app',
    connections: 20,
  })
  assert.equal(of('{ postgres: { version: 15 } }').config!.database!.postgres, true)
  assert.equal(of('{ postgres: { version: 15 } }').config!.database!.major, 15)
  for (const wrong of ['{ postgres: { version: 9.6 } }', '{ postgres: { version: 5 } }', '{ postgres: {} }'])
    assert.equal(of(wrong).config, null, wrong)
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
  // Restored copies are services named copy.NAME.
  for (const name of ['postgres', 'keeper', 'edge', 'copy'])
    assert.match(problems(`name: ${name}\nservices: { api: { start: x } }`).join(), /part of the server/)
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

const many = (n: number, line: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => line(i)).join('')

/** Files that must be refused with a message, and quickly: the keeper reads such files too, and answers nobody meanwhile. */
const HOSTILE: Record<string, [text: string, says: RegExp]> = {
  'a bomb of aliases': [
    `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${many(12, i => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(',')}]\n`)}`,
    /alias .* too much/,
  ],
  'an alias of nothing': ['name: *nothing\n', /nothing/],
  'an enormous file': [`name: ${'x'.repeat(30_000_000)}`, /65536 are the most/],
  'many keys': [many(9_000, i => `k${i}:\n`), /unknown key/],
  'many anchors': [many(2_200, i => `k${i}: &b${i} 1\nj${i}: *b${i}\n`), /unknown key/],
  'brackets in brackets': [`name: ${'['.repeat(60_000)}`, /nested too deeply/],
  'closed brackets in brackets': [`name: ${'['.repeat(30_000)}${']'.repeat(30_000)}`, /nested too deeply/],
  'keys below keys': [many(350, i => `${' '.repeat(i)}a:\n`), /unknown key/],
  'the same key twice': [`${GOOD}name: other\n`, /unique/],
  'the same key twice, deeper': [GOOD.replace('static: dist', 'static: dist, static: other'), /unique/],
  'several documents': [`${GOOD}---\n${GOOD}`, /several documents/],
  'keys of every object': [
    'name: x\nservices: { toString: { start: x } }\n__proto__: { a: 1 }\n',
    /unknown key/,
  ],
  'bytes that are no text': ['\u0000\u0001\ufffd', /./],
}

for (const [name, [text, says]] of Object.entries(HOSTILE)) {
  test(`a file with ${name} is refused in words, and soon`, () => {
    // Processor time is measured, because it does not depend on what else the machine does.
    const began = process.cpuUsage()
    const { config, problems } = readConfig(text)
    const { user, system } = process.cpuUsage(began)
    assert.ok(user + system < 5_000_000, `it took ${(user + system) / 1_000} ms`)
    assert.equal(config, null)
    assert.ok(problems.length >= 1 && problems.length <= 50, `${problems.length} problems`)
    assert.match(problems.map(p => p.message).join('\n'), says)
    assert.throws(() => readConfigOrFail(text), { code: 'config.invalid' })
  })
}

test('anchors of an honest file are read', () => {
  const { config } = readConfig(GOOD.replace('PLAIN: 3', 'PLAIN: &plain 3, SAME: *plain'))
  assert.equal(config!.env['SAME'], '3')
})

test('a control character is refused anywhere, and a line break but in what only the app reads', () => {
  const found = (text: string) => problems(`name: a\nservices: { api: { start: node a } }\n${text}\n`).join()
  assert.match(found('migrations: { tool: sql, folder: "db\\nx" }'), /migrations.folder.*control character/)
  assert.match(found('routes: { "/a\\rb": api }'), /control character/)
  assert.match(found('env: { A: "a\\u0000b" }'), /env.A.*control character/)
  assert.match(found('env: { A: "\\e[2J" }'), /control character/)
  assert.equal(found('env: { KEY: "first\\nsecond\\t" }\nrelease: ["sh", "-c", "one\\ntwo"]'), '')
})

test('a start command may name a port, and no secret: everybody reads the list of processes', () => {
  const found = (start: string) =>
    problems(
      `name: a\nservices: { api: { start: "${start}" } }\ndatabase: { postgres: true }\nenv: { KEY: { generate: 64 }, OPEN: plain }\n`,
    ).join()
  assert.match(found('node a --key $KEY'), /\$KEY would be in the list of processes/)
  assert.match(found('node a ${DATABASE_URL}'), /\$DATABASE_URL/)
  assert.equal(found('node a --port $PORT --name $OPEN'), '')
})

test('a persistent folder inside of another one is told', () => {
  const found = (text: string) => problems(`name: a\nservices: { ${text} }\n`).join()
  assert.match(found('api: { start: x, persist: [a, a/b] }'), /"a\/b" lies inside of "a"/)
  assert.match(found('api: { start: x, persist: [.] }'), /the whole source/)
  assert.match(
    found('api: { start: x, root: w, persist: [a/b] }, bot: { worker: true, start: x, persist: [w/a] }'),
    /inside of/,
  )
  assert.equal(found('api: { start: x, persist: [a, ab] }'), '')
  assert.match(found('web: { static: dist, persist: [dist] }'), /"dist" holds the files of web/)
  assert.match(found('web: { static: out/dist, persist: [out] }'), /"out" holds the files of web/)
  assert.equal(found('web: { static: dist, persist: [dist/uploads] }'), '')
})
