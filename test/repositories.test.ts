import assert from 'node:assert/strict'
import { access, cp, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Fixture, makeApp, serverJs, workspace, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'
import { ask } from './kit/visitors.ts'

const NAME = 't-sources'
/** Empties the folder that it builds into, as bundlers do, and leaves a file of its own where visitors put theirs. */
const BUILD = `const fs = require('node:fs')
for (const name of fs.existsSync('dist') ? fs.readdirSync('dist') : []) fs.rmSync('dist/' + name, { recursive: true })
fs.rmSync('dist', { recursive: true, force: true })
fs.mkdirSync('dist/uploads', { recursive: true })
fs.writeFileSync('dist/uploads/readme', 'built')
fs.copyFileSync('server.js', 'dist/server.js')
`
const WEB = '    build: node build.js\n    persist: [dist/uploads, uploads]\n'
const MIGRATE = `const { PORT, INNKEEPER_APP, INNKEEPER_SERVICE, INNKEEPER_RELEASE } = process.env
if (!(Number(PORT) > 1023)) throw new Error('no port')
console.log('for', INNKEEPER_APP, INNKEEPER_SERVICE, INNKEEPER_RELEASE)
`
const file = yaml(NAME, 'release: node migrate.js\n', WEB).replace('node server.js', 'node dist/server.js')

let server: Server
let app: Fixture

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': file,
    'server.js': serverJs(
      'v1',
      "if (!require('node:fs').existsSync('uploads/one')) require('node:fs').writeFileSync('uploads/one', 'first')",
    ),
    'build.js': BUILD,
    'migrate.js': MIGRATE,
    '@types/index.d.ts': '',
  })
})
after(() => server?.remove())

const put = `for (const at of ['dist/uploads', 'uploads']) require('node:fs').writeFileSync(at + '/sent', 'by a visitor')`
const read = `console.log(require('node:fs').readFileSync('dist/uploads/sent', 'utf8'), require('node:fs').readFileSync('uploads/sent', 'utf8'))`

test('what visitors sent outlives a build that empties the folder around it', async () => {
  const first = await app.deploy()
  assert.equal(first.json.outcome, 'done', first.text)
  const shared = (path: string) => readFile(join(server.home, 'apps', NAME, 'shared', path), 'utf8')
  assert.equal(await shared('dist/uploads/readme'), 'built')
  assert.equal((await server.inn(['run', '--app', NAME, '--', 'node', '-e', put])).code, 0)
  for (let n = 0; n < 2; n++) {
    await app.write({ 'server.js': serverJs(`v${n + 2}`) })
    const next = await app.deploy()
    assert.equal(next.json.outcome, 'done', next.text)
  }
  assert.equal(await shared('dist/uploads/sent'), 'by a visitor')
  const seen = await server.inn(['run', '--app', NAME, '--', 'node', '-e', read])
  assert.match(seen.text, /by a visitor by a visitor/)
})

test('the release step knows for what it runs, and has a port', async () => {
  await app.write({ 'server.js': serverJs('v9') })
  const ended = await app.deploy(['--verbose'])
  assert.equal(ended.json.outcome, 'done', ended.text)
})

test('where no build would see a difference the built files serve again, until somebody wrote to them', async () => {
  const built = async () => {
    const seen = await server.inn(['run', '--app', NAME, '--', 'cat', 'dist/id'])
    return seen.text.trim()
  }
  const deploys = async (change: Record<string, string | null>, ...args: string[]) => {
    await app.write(change)
    const { json, text } = await app.deploy(args)
    assert.equal(json.outcome, 'done', text)
    return { release: json.release!, id: await built() }
  }
  const treeOf = (release: string) => join(server.home, 'apps', NAME, 'releases', release, 'tree')
  const draws = `${BUILD}fs.writeFileSync('dist/id', String(Math.random()))\n`
  const first = await deploys({
    'server.js': serverJs('v3'),
    'build.js': draws,
    'innkeeper.yaml': `${file}keep: 2\n`,
  })
  const second = await deploys({
    'innkeeper.yaml': `${file}keep: 2\nenv: { COLOUR: red }\n`.replace('interval: 200ms', 'interval: 300ms'),
  })
  assert.equal(second.id, first.id)
  const { url } = await server.app(NAME)
  assert.equal(JSON.parse((await ask(`${url}/env`)).body).COLOUR, 'red')
  await assert.rejects(access(treeOf(second.release)), 'its source is kept by nobody')
  const listed = (await server.inn(['releases', NAME])).json as unknown as Array<{
    id: string
    builtIn: string
  }>
  assert.equal(listed.find(r => r.id === second.release)!.builtIn, first.release)
  assert.equal((await server.inn(['rollback', NAME, '--to', first.release])).json.outcome, 'done')
  const third = await deploys({ 'server.js': serverJs('another') })
  assert.notEqual(third.id, second.id, 'another source is built')
  const back = await deploys({ 'server.js': serverJs('v3') })
  assert.equal(back.id, first.id, 'a source that was built before serves at once')
  const fresh = await deploys({}, '--fresh')
  assert.notEqual(fresh.id, back.id)
  assert.equal((await server.inn(['run', '--app', NAME, '--', 'touch', 'server.js'])).code, 0)
  const anew = await deploys({})
  assert.notEqual(anew.id, fresh.id, 'what was written to since does not serve again')
  await rm(treeOf(anew.release), { recursive: true })
  const whole = await deploys({})
  assert.notEqual(whole.id, anew.id)
})

test('packages are taken from an earlier release while the lockfile is the same, and no release changes those of another', async () => {
  const deploys = async (change: Record<string, string>, ...args: string[]) => {
    await app.write(change)
    const { json, text } = await app.deploy(args)
    assert.equal(json.outcome, 'done', text)
    const at = join(server.home, 'apps', NAME, 'releases', json.release!)
    return {
      log: await readFile(join(at, 'deploy.log'), 'utf8'),
      hidden: join(at, 'tree/node_modules/.package-lock.json'),
    }
  }
  const installs = /\$ npm ci/
  const first = await deploys({
    ...workspace('shop'),
    'lib/index.js': 'module.exports = 1',
    'server.js': serverJs('w1', "require('lib')"),
  })
  assert.match(first.log, installs)
  const inode = async (path: string) => (await stat(path)).ino
  const was = { text: await readFile(first.hidden, 'utf8'), inode: await inode(first.hidden) }
  const second = await deploys({ 'server.js': serverJs('w2', "require('lib')") })
  assert.doesNotMatch(second.log, installs)
  assert.equal(await readFile(second.hidden, 'utf8'), was.text)
  assert.equal(await inode(second.hidden), was.inode, 'it is stored once')
  const inApp = (script: string) => server.inn(['run', '--app', NAME, '--', 'sh', '-c', script])
  const file = 'node_modules/.package-lock.json'
  assert.notEqual((await inApp(`echo damaged > ${file}`)).code, 0)
  assert.equal((await inApp(`rm ${file}; echo damaged > ${file}`)).code, 0)
  assert.equal(await readFile(first.hidden, 'utf8'), was.text)
  const third = await deploys({ 'server.js': serverJs('w3', "require('lib')") })
  assert.doesNotMatch(third.log, installs, 'the first release still has them as they were')
  assert.equal(await readFile(third.hidden, 'utf8'), was.text)
  assert.match((await deploys({ 'server.js': serverJs('w4', "require('lib')") }, '--fresh')).log, installs)
  assert.match((await deploys({ '.npmrc': 'fund=false\n' })).log, installs)
})

test('a source of somewhere else with the same name does not take the app over', async () => {
  const before = (await server.app(NAME)).release
  const other = join(server.home, 'source', 't-other')
  await cp(app.folder, other, { recursive: true })
  const refused = await server.inn(['deploy'], { cwd: other })
  assert.equal(refused.json.failure?.code, 'deploy.other-origin', refused.text)
  assert.match(refused.json.failure!.why, /source\/t-sources, and this is .*source\/t-other/)
  assert.equal((await server.app(NAME)).release, before)
  const meant = await server.inn(['deploy', '--new-origin'], { cwd: other })
  assert.equal(meant.json.outcome, 'done', meant.text)
  const back = await app.deploy()
  assert.equal(back.json.failure?.code, 'deploy.other-origin', 'the app comes from there now')
})
