import assert from 'node:assert/strict'
import { cp, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Terminal } from '../../cli/terminal.ts'
import { readConfig } from '../../config/read.ts'
import { Failure } from '../../kernel/failure.ts'
import { init } from './cli-init.ts'
import { folderWith, proposed } from './folder.fixture.ts'
import { openFolder } from './folder.ts'
import { REPOSITORIES as repositories } from './repositories.fixture.ts'

test('what is proposed for the hostel is in essence the file that it has', async () => {
  const root = join(import.meta.dirname, '../../../../examples/hostel')
  const { config } = readConfig(await readFile(join(root, 'innkeeper.yaml'), 'utf8'))
  const { text } = await proposed(root)
  const found = readConfig(text).config!
  assert.deepEqual(
    found.services.map(s => [s.name, s.kind, s.start, s.static, s.build, s.persist]),
    config!.services.map(s => [s.name, s.kind, s.start, s.static, s.build, s.persist]),
  )
  assert.deepEqual(found.services[0]!.health, config!.services[0]!.health)
  assert.deepEqual(found.release, config!.release)
  assert.deepEqual(found.database, config!.database)
  assert.deepEqual(
    new Set(found.routes.map(r => `${r.prefix} ${r.service}`)),
    new Set(config!.routes.map(r => `${r.prefix} ${r.service}`)),
  )
  assert.deepEqual(found.env['SESSION_SECRET'], { generate: 64 })
})

test('what an app that has the health of the SDK answers is known, also at a path of its own', async t => {
  const root = await folderWith(t, {
    'package.json':
      '{ "scripts": { "start": "node server.js" }, "dependencies": { "@innkeeper/sdk": "0.1.0" } }',
    'server.js': `import { createHealth } from '@innkeeper/sdk/health'
const health = createHealth({ path: '/api/health', checks: { database: () => pool.query('select 1') } })
createServer(async (request, response) => (await health.handle(request, response)) || answer(request, response)).listen(process.env.PORT)
`,
  })
  const { health } = readConfig((await proposed(root)).text).config!.services[0]!
  assert.deepEqual(
    [health?.path, health?.expect],
    ['/api/health/ready', { json: { path: 'status', equals: 'ok' } }],
  )
})

const quiet = (printed: string[]): Terminal => ({
  interactive: false,
  width: 100,
  print: text => void printed.push(text),
  note: text => void printed.push(text),
  paint: (_style, text) => text,
  ask: async () => '',
  askHidden: async () => '',
  transient: () => {},
  draw: () => {},
})

test('init writes the file, says what comes next, and does not write over one without --force', async t => {
  const root = await folderWith(t, repositories.telegramBot)
  const printed: string[] = []
  await init(root, { terminal: quiet(printed) })
  const text = await readFile(join(root, 'innkeeper.yaml'), 'utf8')
  assert.match(printed.join('\n'), /inn deploy --env BOT_TOKEN/)
  await writeFile(join(root, 'innkeeper.yaml'), 'mine')
  await assert.rejects(init(root, { terminal: quiet([]) }), (error: Failure) => error.code === 'init.exists')
  assert.equal(await readFile(join(root, 'innkeeper.yaml'), 'utf8'), 'mine')
  await init(root, { force: true, terminal: quiet([]) })
  assert.equal(await readFile(join(root, 'innkeeper.yaml'), 'utf8'), text)
})

test('links that dangle, loop or lead out, and pointers to large files, are passed by', async t => {
  const root = await folderWith(t, {
    ...repositories.plainServer,
    'model.js': 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n',
  })
  await symlink('nowhere.js', join(root, 'gone.js'))
  await symlink('.', join(root, 'loop'))
  await symlink('/etc', join(root, 'outside'))
  const { facts } = await proposed(root)
  assert.equal(facts.files, 3)
})

test('a repository past the bound is told to be looked at in part', async t => {
  const many = Object.fromEntries(Array.from({ length: 3_100 }, (_, i) => [`data/deep/f${i}.txt`, '']))
  const { proposal } = await proposed(await folderWith(t, { ...many, ...repositories.plainServer }))
  assert.match(proposal.warnings.join(), /only the first 3,000/)
})

test('a folder without anything to run says so', async t => {
  const root = await folderWith(t, { 'notes.txt': 'x', 'package.json': '{' })
  await assert.rejects(
    proposed(root),
    (error: Failure) => error.code === 'init.nothing' && error.why.includes('package.json cannot be read'),
  )
  await assert.rejects(openFolder(join(root, 'gone')), Failure)
})

test('a copy of the hostel without its file is given one that can be checked', async t => {
  const root = await folderWith(t, {})
  await cp(join(import.meta.dirname, '../../../../examples/hostel'), root, {
    recursive: true,
    filter: path => !/node_modules|innkeeper\.yaml|\/dist|\/\.test-build/.test(path),
  })
  const printed: string[] = []
  await init(root, { terminal: quiet(printed) })
  assert.equal(readConfig(await readFile(join(root, 'innkeeper.yaml'), 'utf8')).problems.length, 0)
  assert.match(printed.join('\n'), /Express/)
})
