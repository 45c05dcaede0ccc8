import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { type Proof, prove } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-file'
const plain = yaml(NAME)

let server: Server
let app: Fixture
let proof: Proof

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, { 'innkeeper.yaml': plain, 'server.js': serverJs('v1') })
  proof = await prove(server, app)
})

after(async () => {
  await proof?.visitors.leave()
  await server?.remove()
})

/** Both `inn check` and `inn deploy` refuse the file with exit code 2 and these words. */
async function bad(config: string, ...words: RegExp[]): Promise<void> {
  await app.write({ 'innkeeper.yaml': config })
  const failure = await proof.harmless('config.invalid', async () => {
    const ended = await app.deploy()
    assert.equal(ended.code, 2)
    return ended
  })
  const check = await server.inn(['check'], { cwd: app.folder })
  assert.equal(check.code, 2)
  for (const word of words) {
    assert.match(failure.why, word)
    assert.match(check.text, word)
  }
  await app.write({ 'innkeeper.yaml': plain })
}

test('an unknown key, with the line and the key that was meant', () =>
  bad(plain.replace('start:', 'strat:'), /strat/, /did you mean start\?/))

test('a mistyped value', () =>
  bad(plain.replace('drain: 1s', 'drain: soon'), /services\.web\.drain/, /duration/))

test('every problem at once', () =>
  bad(`${plain.replace('drain: 1s', 'drain: soon')}colour: blue\nkeep: many\n`, /drain/, /colour/, /keep/))

test('what is no YAML', () => bad(`${plain}  : [`, /YAML/))

test('a route to a service that is not there', () =>
  bad(`${plain}routes: { /: wbe }\n`, /there is no service wbe/, /did you mean web\?/))

test('a folder outside the repository', () =>
  bad(plain.replace('drain: 1s', 'drain: 1s\n    root: ../other'), /leaves the repository/))

test('no file at all', async () => {
  await app.write({ 'innkeeper.yaml': null })
  await proof.harmless('config.missing', async () => {
    const ended = await app.deploy()
    assert.equal(ended.code, 2)
    return ended
  })
  await app.write({ 'innkeeper.yaml': plain })
})

test('an app that is not there: the name that was meant', async () => {
  const failure = await proof.harmless('app.unknown', () => server.inn(['rollback', 't-flie']))
  assert.match(failure.fix, /did you mean t-file\?/)
})

test('a service that is not there', () =>
  proof
    .harmless('deploy.unknown-service', () => app.deploy(['--only', 'wev']))
    .then(failure => {
      assert.match(failure.fix, /did you mean web\?/)
    }))

test('a variable that nobody gave', async () => {
  await app.write({ 'innkeeper.yaml': `${plain}env: { STRIPE_KEY: { from: STRIPE_KEY } }\n` })
  const failure = await proof.harmless('env.missing', () => app.deploy())
  assert.match(failure.fix, /--env STRIPE_KEY=/)
  await app.write({ 'innkeeper.yaml': plain })
})

test('nothing to go back to', async () => {
  await proof.harmless('rollback.none', () => server.inn(['rollback', NAME]))
  await proof.harmless('rollback.unusable', () => server.inn(['rollback', NAME, '--to', 'r99']))
})

test('a plan does nothing', async () => {
  const ended = await app.deploy(['--plan'])
  assert.equal(ended.code, 0)
  assert.ok(ended.json.steps!.length > 5)
  assert.equal((await server.app(NAME)).release, 'r1')
})

test('after all of these, the next good deploy works', () => proof.recovers())
