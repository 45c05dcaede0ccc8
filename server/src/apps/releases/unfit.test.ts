import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { heldSource } from '../../kernel/held-source.ts'
import { candidates, entryOf, entryThere } from './entry.ts'
import { unfit } from './unfit.ts'

const FILES = {
  'server.js': '',
  'bin/start.js': '',
  'dist/index.html': '',
  'package.json': '{ "scripts": { "serve": "node server.js" } }',
  'api/package.json': '{ "scripts": { "postinstall": "node make.js" } }',
  'prisma/migrations/20260101_a/migration.sql': '',
  'db/readme.md': '',
  'two/package.json': '{ "dependencies": { "pg": "1" } }',
  'two/yarn.lock': '',
  'two/package-lock.json': '',
  'two/a.js': '',
  'pictures/a.png': '',
  'db/sql/001_a.sql': '',
}

const look = async (services: string, more = '') => {
  const { config, problems } = readConfig(`name: a\nservices: { ${services} }\n${more}\n`)
  assert.deepEqual(problems, [])
  return (await unfit(config!, heldSource(FILES), async () => [])).map(
    p => `${p.path.join('.')}: ${p.message}`,
  )
}
const WITH = 'database: { postgres: true }\nrelease: prisma migrate deploy\n'

/** What a file names → what the source lacks. */
const MISSES: ReadonlyArray<[services: string, more: string, says: RegExp]> = [
  [
    'web: { root: two, start: node a.js }',
    '',
    /services.web.packageManager: two has several lockfiles: yarn.lock and package-lock.json/,
  ],
  [
    'web: { start: node bin/start.js, persist: [bin] }',
    '',
    /services.web.persist.0: "bin" holds bin\/start.js, which web starts/,
  ],
  ['web: { root: apps/web, start: node a.js }', '', /services.web.root: there is no folder apps\/web/],
  ['web: { root: apj, start: node a.js }', '', /services.web.root: .*did you mean api\?/],
  [
    'web: { start: node sever.js }',
    '',
    /services.web.start: there is no file sever.js .* did you mean server.js\?/,
  ],
  ['web: { start: node --import tsx -r x lib/a.js }', '', /no file lib\/a.js/],
  ['web: { start: ./run.sh }', '', /no file run.sh/],
  ['web: { start: npm start }', '', /services.web.start: package.json has no script "start"/],
  ['web: { start: npm run serv }', '', /no script "serv": did you mean serve\?/],
  ['web: { start: node bin }', '', /no file bin/],
  [
    'web: { start: node server.js }',
    'errorPages: { 502: sever.js }',
    /errorPages.502: .* did you mean server.js\?/,
  ],
  ['web: { static: public }', '', /services.web.static: there is no folder public/],
  ['web: { static: db }', '', /services.web.static: there is no index.html in db/],
  ['web: { static: . }', '', /there is no index.html in ., .*; there is dist\/index.html/],
  [
    'web: { start: node server.js }',
    'release: node migrate.js',
    /release.command: there is no file migrate.js/,
  ],
  [
    'web: { start: node server.js }',
    `${WITH}migrations: { tool: prisma, folder: prsma/migrations }`,
    /migrations.folder: there is no folder/,
  ],
  [
    'web: { start: node server.js }',
    `${WITH}migrations: { tool: prisma, folder: db/sql }`,
    /migrations.folder: db\/sql has no migration in the form of prisma/,
  ],
  [
    'web: { start: node server.js }',
    'database: { postgres: true }\nmigrations: { tool: sql, folder: db }',
    /db has no migration in the form of sql/,
  ],
]

for (const [services, more, says] of MISSES) {
  test(`a source that lacks it: ${services} ${more.split('\n').at(-1)}`, async () => {
    const found = await look(services, more)
    assert.equal(found.length, 1, found.join('\n'))
    assert.match(found[0]!, says)
  })
}

test('what is there, or what a build may make, is not missed', async () => {
  const good: Array<[string, string?]> = [
    ['web: { start: node server }'],
    ['web: { start: "node -e 1" }'],
    ['web: { start: next start -p $PORT }'],
    ['web: { start: node node_modules/x/bin.js }'],
    ['web: { build: [npm run build], start: node dist/main }', 'release: node dist/migrate.js'],
    ['web: { root: api, start: node made.js }'],
    ['web: { static: dist }'],
    ['web: { start: node server.js }, art: { static: pictures }', 'routes: { /art: art, /: web }'],
    ['web: { start: npm run serve }'],
    ['web: { root: two, start: node a.js, packageManager: npm }'],
    ['web: { start: node server.js }', `${WITH}migrations: { tool: prisma, folder: prisma/migrations }`],
    [
      'web: { build: [x], start: node server.js }',
      `${WITH}migrations: { tool: knex, folder: dist/migrations }`,
    ],
  ]
  for (const [services, more] of good) assert.deepEqual(await look(services, more), [], services)
})

test('the file of a command is found as Node.js finds it, and where the build put it instead is named', async () => {
  assert.equal(entryOf(['node', '--max-old-space-size=200', 'dist/main', 'x']), 'dist/main')
  assert.equal(entryOf(['node', '$ENTRY']), null)
  assert.equal(entryOf(['sh', '-c', 'node a.js']), null)
  const source = heldSource({
    'api/dist/src/main.js': '',
    'api/dist/shop/index.js': '',
    'api/dist/main.css': '',
  })
  assert.equal(await entryThere(source, 'api/dist/main'), false)
  assert.equal(await entryThere(source, 'api/dist/shop'), true)
  assert.equal(await entryThere(source, 'api/dist/src/main'), true)
  assert.deepEqual(await candidates(source, 'api', 'dist/main'), ['dist/src/main.js'])
})
