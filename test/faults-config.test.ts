import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { givenIn, keeperRows, secretsOf } from './kit/data.ts'
import { good, type Proof, prove } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'

const INN = join(import.meta.dirname, '../server/src/bin/inn.js')
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

test('a file and a folder that the source does not have', () =>
  bad(
    plain
      .replace('server.js', 'sever.js')
      .concat('database: { postgres: true }\nmigrations: { tool: sql, folder: db }\n'),
    /there is no file sever\.js.*did you mean server\.js/,
    /there is no folder db/,
  ))

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
  for (const args of [
    ...[
      ['ps'],
      ['status'],
      ['env'],
      ['releases'],
      ['history'],
      ['logs'],
      ['db', 'shell'],
      ['restart'],
      ['stop'],
    ],
    ...[['start'], ['remove'], ['backup', 'now'], ['backup', 'list'], ['backup', 'verify']],
    ...[['drill', 'now'], ['recovery', 'database'], ['restore'], ['restore', 'undo'], ['restore', 'discard']],
  ]) {
    const ended = await server.inn([...args, 't-flie'])
    assert.equal(ended.json.failure?.code, 'app.unknown', `${args.join(' ')}: ${ended.text}`)
    assert.equal(ended.json.failure.fix, 'did you mean t-file?', args.join(' '))
  }
})

test('inn ps of an app that is not there', async () => {
  const ended = await server.inn(['ps', 't-nobody'])
  assert.notEqual(ended.code, 0)
  assert.equal(ended.json.failure!.code, 'app.unknown')
})

test('in a folder below an app: where the file is', async () => {
  await app.write({ 'lib/index.js': '' })
  const ended = await server.inn(['deploy'], { cwd: join(app.folder, 'lib') })
  assert.equal(ended.json.failure!.code, 'config.missing')
  assert.equal(ended.json.failure!.fix, `cd ${app.folder}`)
  await app.write({ 'lib/index.js': null })
})

test('a command or an option that does not exist is a mistake of the command line', async () => {
  for (const args of [['deplyo'], ['deploy', '--fast'], ['people', 'invite']]) {
    const ended = await server.inn(args)
    assert.equal(ended.code, 2, args.join(' '))
  }
})

test('values that the command line cannot take are mistakes of it, and nobody waits for an answer that cannot come', async () => {
  for (const args of [
    ['logs', NAME, '--level', 'eror'],
    ['logs', NAME, '-n', 'abc'],
    ['people', 'add', 'a@example.com', '--role', 'boss'],
    ['people', 'add', 'nomail'],
    ['token', 'add', 'x', '--days', 'never'],
  ])
    assert.equal((await server.inn(args)).code, 2, args.join(' '))
  const asked = await execOk(
    {
      argv: ['sh', '-c', `${process.execPath} ${INN} stop ${NAME} </dev/null || echo code $?`],
      env: { INNKEEPER_HOME: server.home },
      timeoutMs: 20_000,
    },
    'inn stop',
  )
  assert.match(asked.stdout, /code 1$/m)
  assert.match(asked.tail, /nothing was changed/)
})

test('a plan that is made again is the same plan', async () => {
  const file = yaml('t-unborn')
  await app.write({ 'innkeeper.yaml': file })
  const plans = [await app.deploy(['--plan']), await app.deploy(['--plan'])]
  assert.equal(plans[0]!.code, 0, plans[0]!.text)
  assert.deepEqual(plans[0]!.json, plans[1]!.json)
  await app.write({ 'innkeeper.yaml': plain })
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
  assert.match(failure.fix, /inn secrets set STRIPE_KEY\b/)
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

test('a value that is given with a plan, with a deploy that is refused or one that fails is not kept', async () => {
  await app.write({ 'innkeeper.yaml': `${plain}env: { KEY: { from: KEY } }\n` })
  const plan = await app.deploy(['--env', 'KEY=planned', '--plan'])
  assert.equal(plan.code, 0, plan.text)
  assert.doesNotMatch(plan.text, /planned/)
  await proof.harmless('deploy.unknown-service', () => app.deploy(['--only', 'wev', '--env', 'KEY=refused']))
  assert.deepEqual([(await secretsOf(server, NAME))['KEY'], givenIn(server)], [undefined, []])
  good(await app.deploy(['--env', 'KEY=first-value']))
  await app.write({ 'server.js': 'process.exit(1)' })
  assert.equal((await app.deploy(['--env', 'KEY=second-value'])).json.outcome, 'undone')
  assert.equal((await secretsOf(server, NAME))['KEY'], 'first-value')
  const journal = keeperRows(
    server,
    'select plan, failure, leftover from run union all select note, null, null from run_step',
  )
  assert.match(JSON.stringify(journal), /secrets\.keep/)
  assert.doesNotMatch(JSON.stringify(journal), /first-value|second-value/)
  await app.write({ 'innkeeper.yaml': plain, 'server.js': serverJs('v1') })
  good(await app.deploy())
})

test('after all of these, the next good deploy works', () => proof.recovers())
