import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from './read.ts'

const problems = (text: string) => readConfig(text).problems.map(p => `${p.line}: ${p.path}: ${p.message}`)
const app = (more: string, service = 'start: node a.js'): string =>
  `name: a\nservices: { api: { ${service} } }\n${more}\n`

/** What a file says → the problem with it, in words that say the rule. */
const RULES: ReadonlyArray<[text: string, says: RegExp]> = [
  [app('routes: { web: api }'), /^3: routes.web: a route is a path that begins with \//],
  ['name: a\nservices: { API: { start: x } }', /services.API: a name has small letters/],
  [app('env: { 1A: x }'), /env.1A: a name has letters, digits and _/],
  [app('env: { KEY }'), /env.KEY: has no value: write text, a number, true or false or a mapping/],
  [app('', 'start: { run: x }'), /services.api.start: is a mapping: write text or a list/],
  [app('', 'static: x, metrics: /m'), /services.api.metrics: is for a service that has a port/],
  [app('', 'start: x, metrics: m'), /services.api.metrics: /],
  [app('', 'start: x, worker: true, vitals: true'), /services.api.vitals: is for a service that sends pages/],
  [app('', 'start: x, instances: 0'), /instances: 1 at least/],
  [app('', 'start: x, instances: 65'), /instances: 64 at most/],
  [app('', 'start: x, instances: 1.5'), /instances: write a whole number/],
  [app('', 'start: x, worker: 1'), /worker: is a number: write true or false/],
  [app('', 'start: x, devDependencies: drop'), /devDependencies: write keep or prune/],
  [app('domains: shop.example'), /domains: is text: write a list/],
  [
    app('tls: { certificate: /a.pem }'),
    /tls.certificate: it does not go with .* or one that belongs to it is missing/,
  ],
  [app('tls: { dns: { add: x } }'), /tls.dns.remove: write text or a list/],
  [app('tls: { account: { kid: a } }'), /tls.account.key: write text or a mapping/],
  [app('tls: { authorty: x }'), /tls.authorty: unknown key; did you mean authority\?/],
  [app('redis: false'), /redis: write true or a mapping/],
  [app('', 'start: x, memory: 100M'), /memory: "100M" is not a size: .*100MB/],
  [app('', 'start: x, memory: "256"'), /memory: "256" is not a size/],
  [app('', 'start: x, memory: 32MB'), /memory: 32MB is less than Node.js itself takes: 64MB at least/],
  [app('buildMemory: 64MB'), /buildMemory: 64MB is less than an install takes: 128MB at least/],
  [
    app('', 'start: x, node: 19'),
    /node: there is no Node.js 19 that is kept up: write 16, 18, 20, 22, 24 or 26/,
  ],
  [app('', 'start: x, node: 42'), /no Node.js 42/],
  [app('env: { PORT: 3000 }'), /env.PORT: Innkeeper gives it/],
  [app('', 'start: x, env: { PORT: 3000 }'), /services.api.env.PORT: Innkeeper gives it/],
  [app('env: { INNKEEPER_COLOUR: red }'), /env.INNKEEPER_COLOUR: Innkeeper gives it/],
  [
    app('database: { postgres: true }\nenv: { DATABASE_URL: "postgres://x/y" }'),
    /env.DATABASE_URL: .*database:/,
  ],
  [app('redis: true\nenv: { REDIS_URL: { from: REDIS_URL } }'), /env.REDIS_URL: .*redis:/],
  [app('migrations: { tool: sql, folder: db }'), /migrations: there is no database to apply them to/],
  [
    app('database: { postgres: true }\nmigrations: { tool: prisma, folder: db }'),
    /migrations.tool: nothing applies them: .*prisma migrate deploy/,
  ],
  [
    app('database: { postgres: true }\nmigrations: { tool: knex, folder: db }'),
    /migrations.tool: nothing applies them: .*knex migrate:latest/,
  ],
]

for (const [text, says] of RULES) {
  test(`${says.source} is said`, () => {
    const found = problems(text)
    assert.equal(found.length, 1, found.join('\n'))
    assert.match(found[0]!, says)
  })
}

test('what is right beside those rules is read', () => {
  for (const good of [
    app('database: { postgres: true }\nmigrations: { tool: sql, folder: db }'),
    app('database: { postgres: true }\nmigrations: { tool: knex, folder: db }\nrelease: knex migrate:latest'),
    app('database: { postgres: true }\nmigrations: { table: ops.applied }'),
    app('database: { postgres: true }\nenv: { DATABASE_URL: { database: url } }'),
    app('env: { DATABASE_URL: { from: DATABASE_URL } }'),
    app('', 'worker: true, start: x, env: { PORT: 9100 }'),
    app('', 'start: x, memory: 64mb, node: 26'),
  ])
    assert.deepEqual(problems(good), [], good)
})

test('problems between keys are told beside those of single keys, and nothing that follows from them', () => {
  const found = problems(
    'name: Shop\nservices:\n  api: { start: x, memory: lots }\n  web: { static: dist, start: y }\n  Bad: { start: z }\nroutes: { /: gone, /b: Bad, api: api }\nrelease: { command: x, service: nobody }\n',
  )
  const paths = found.map(line => line.split(': ')[1])
  assert.deepEqual(paths, [
    'name',
    'services.api.memory',
    'services.web.start',
    'services.Bad',
    'routes./b',
    'routes.api',
    'routes./',
    'release.service',
  ])
})

test('anchors may stand under x- keys, and merges are read', () => {
  const text =
    'name: a\nx-usual: &usual { node: 22, memory: 256MB }\nservices:\n  api: { <<: *usual, start: x }\n  job: { <<: [*usual], memory: 512MB, worker: true, start: y }\n'
  const { config, problems: none } = readConfig(text)
  assert.deepEqual(none, [])
  assert.deepEqual(
    config!.services.map(s => [s.node, s.memory]),
    [
      [22, 256 * 1024 ** 2],
      [22, 512 * 1024 ** 2],
    ],
  )
})
