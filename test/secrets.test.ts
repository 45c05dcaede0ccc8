import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'
import { visit } from './kit/visitors.ts'

const NAME = 't-secret'
/** Commands that say a value run as another user, who sees nobody's temporary folder. */
const root = { skip: process.getuid!() === 0 ? false : 'it takes root to be another user' }
const CREDENTIAL = 'ops_1_of_the_vault'
const GIVEN = 'sk_live_51HxQ7pGivenByAPerson'
const ENV = `env:
  JWT_SECRET: { generate: 64 }
  STRIPE_KEY: { from: STRIPE_KEY }
redis: true
`

let server: Server
let app: Fixture
let url: string
const env = async () => (await (await fetch(`${url}/env`)).json()) as Record<string, string>
const value = async (name: string) =>
  (await server.inn(['secrets', 'get', name, NAME])).json['value'] as string
/** Everything that Innkeeper wrote, as the files are. */
const foundIn = (...texts: string[]): string[] =>
  spawnSync(
    'grep',
    [
      ...['-rlaF', '--devices=skip', '--exclude-dir=source', '--exclude-dir=runtimes'],
      ...[...texts.flatMap(text => ['-e', text]), '--', server.home],
    ],
    { encoding: 'utf8' },
  )
    .stdout.split('\n')
    .filter(line => line !== '')

before(async () => {
  server = await makeServer()
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, ENV),
    'server.js': serverJs('v1', `console.log('begun with ' + process.env.STRIPE_KEY)`),
    'seed.env': `STRIPE_KEY=${GIVEN}\n`,
    '.gitignore': 'seed.env\n',
  })
  const imported = await server.inn(['secrets', 'import', join(app.folder, 'seed.env'), NAME])
  assert.equal(imported.json.outcome, 'done', imported.text)
  const first = await app.deploy()
  assert.equal(first.json.outcome, 'done', first.text)
  url = (await server.app(NAME)).url!
})
after(() => server.remove())

test('secrets that were given before the first deploy are what the app is started with, and are written nowhere', async () => {
  const { JWT_SECRET, STRIPE_KEY } = await env()
  assert.equal(STRIPE_KEY, GIVEN)
  assert.equal(JWT_SECRET!.length, 64)
  const list = await server.inn(['secrets', 'list', NAME])
  assert.doesNotMatch(list.text, new RegExp(`${GIVEN}|${JWT_SECRET}`))
  assert.deepEqual(
    (list.json as unknown as Array<Record<string, unknown>>).map(({ name, made, usedBy, weak }) => [
      name,
      made,
      usedBy,
      weak,
    ]),
    [
      ['JWT_SECRET', 'generated', ['web'], null],
      ['STRIPE_KEY', 'given', ['web'], null],
    ],
  )
  assert.equal(await value('JWT_SECRET'), JWT_SECRET)
  assert.match((await server.inn(['audit'])).text, /secret read/)
  assert.deepEqual(foundIn(GIVEN, JWT_SECRET!), [])
  const shown = execFileSync('ps', ['axeww', '-o', 'args'], { encoding: 'utf8' })
  // Of the app itself `ps e` shows root the environment; nothing else has it.
  const having = shown.split('\n').filter(line => line.includes(GIVEN) && !line.startsWith('node server.js'))
  assert.deepEqual(having, [])
})

test('the log masks it, by rules that are encrypted', async () => {
  const { text } = await server.inn(['logs', NAME, '-n', '50'])
  assert.match(text, /begun with \*\*\*STRIPE_KEY\*\*\*/)
})

test('a rotation fails no request, keeps the value of before for its grace, and a rollback leads to it', async () => {
  const before = await env()
  const visitors = visit(`${url}/health`)
  const done = await server.inn([
    ...['secrets', 'rotate', 'JWT_SECRET', NAME],
    ...['--previous', 'JWT_SECRET_PREVIOUS', '--grace', '1h'],
  ])
  const { failures, requests } = await visitors.leave()
  assert.equal(done.json.outcome, 'done', done.text)
  assert.deepEqual(failures, [])
  assert.ok(requests > 10)
  const now = await env()
  assert.notEqual(now['JWT_SECRET'], before['JWT_SECRET'])
  assert.equal(now['JWT_SECRET']!.length, 64)
  assert.equal(now['JWT_SECRET_PREVIOUS'], before['JWT_SECRET'])
  assert.equal(now['STRIPE_KEY'], GIVEN)
  assert.deepEqual(foundIn(now['JWT_SECRET']!), [])
  const back = await server.inn(['rollback', NAME])
  assert.equal(back.json.outcome, 'done', back.text)
  assert.equal((await env())['JWT_SECRET'], before['JWT_SECRET'])
  const forward = await server.inn(['forward', NAME])
  assert.equal(forward.json.outcome, 'done', forward.text)
  assert.equal((await env())['JWT_SECRET'], now['JWT_SECRET'])
  const over = await server.inn(['secrets', 'unset', 'JWT_SECRET_PREVIOUS', NAME, '--yes'])
  assert.equal(over.json.outcome, 'done', over.text)
  assert.deepEqual(
    [(await env())['JWT_SECRET'], (await env())['JWT_SECRET_PREVIOUS']],
    [now['JWT_SECRET'], undefined],
  )
})

test('what cannot be is refused in words, and changes nothing', async () => {
  const refused = async (args: string[], code: string) => {
    const ended = await server.inn(['secrets', ...args])
    assert.equal(ended.json.failure?.code, code, ended.text)
  }
  await refused(['unset', 'STRIPE_KEY', NAME, '--yes'], 'secret.needed')
  await refused(['rotate', 'STRIPE_KEY', NAME], 'secret.given')
  await refused(['rotate', 'JWT_SECRT', NAME], 'secret.unknown')
  await refused(['set', 'STRIPE_KEY=abc', NAME], 'usage.secret')
  await refused(['get', 'innkeeper:redis', NAME], 'secret.unknown')
  await refused(['list', 'nobody'], 'app.unknown')
  await refused(['import', join(app.folder, 'seed.env'), NAME], 'secret.nothing')
  assert.equal((await env())['STRIPE_KEY'], GIVEN)
})

test('a file is compared by names alone, and a change that fails gives back what was there', async () => {
  const file = join(app.folder, 'seed.env')
  await writeFile(file, `STRIPE_KEY=${GIVEN}\nJWT_SECRET=other\nMAIL=x\n`)
  const diff = await server.inn(['secrets', 'diff', file, NAME])
  assert.equal(diff.code, 1)
  const { same, different, missing } = diff.json as Record<string, string[]>
  assert.deepEqual([same, different, missing], [['STRIPE_KEY'], ['JWT_SECRET'], ['MAIL']])
  // An app that ends at once with this value.
  await app.write({
    'server.js': serverJs('v2', `if (process.env.STRIPE_KEY === 'breaks it') process.exit(1)`),
  })
  const deployed = await app.deploy()
  assert.equal(deployed.json.outcome, 'done', deployed.text)
  await writeFile(file, 'STRIPE_KEY="breaks it"\n')
  const broken = await server.inn(['secrets', 'import', file, NAME])
  assert.equal(broken.json.outcome, 'undone', broken.text)
  assert.equal(await value('STRIPE_KEY'), GIVEN)
  assert.equal((await env())['STRIPE_KEY'], GIVEN)
})

/** A program that says a value, as `op` and its like do. */
async function vault() {
  const at = await mkdtemp('/usr/local/lib/t-vault-')
  await chmod(at, 0o755)
  const program = join(at, 'op')
  const script = `#!/bin/sh
[ "$OP_TOKEN" = '${CREDENTIAL}' ] || { echo "401 for '$OP_TOKEN'" >&2; exit 1; }
echo "debug: the value is $(cat ${at}/$2)" >&2
[ ! -e ${at}/down ] || { echo "502 at $OP_TOKEN, had $(cat ${at}/$2)" >&2; exit 1; }
cat ${at}/$2
`
  await writeFile(program, script, { mode: 0o755 })
  return {
    program,
    says: (name: string, value: string) => writeFile(join(at, name), `${value}\n`),
    down: (is: boolean) => (is ? writeFile(join(at, 'down'), '') : rm(join(at, 'down'))),
    remove: () => rm(at, { recursive: true, force: true }),
  }
}

test(
  'a value that is kept elsewhere is had by a command, comes with a deploy, and is written nowhere',
  root,
  async t => {
    const { program, says, down, remove } = await vault()
    t.after(remove)
    await says('stripe', 'sk_of_the_vault_1')
    const set = (args: readonly string[], input = '') => server.inn(['secrets', 'set', ...args], { input })
    const from = ['STRIPE_KEY', NAME, '--from', `${program} read stripe`, '--with', 'OP_TOKEN']
    const early = await set(from)
    assert.equal(early.json.failure?.code, 'secret.credential', early.text)
    const token = await set(['OP_TOKEN', NAME, '--credential'], CREDENTIAL)
    assert.equal(token.json.outcome, 'done', token.text)
    const done = await set([...from, '--cache', '0', '--timeout', '5s'])
    assert.equal(done.json.outcome, 'done', done.text)
    assert.equal((await env())['STRIPE_KEY'], 'sk_of_the_vault_1')
    assert.equal((await env())['OP_TOKEN'], undefined)

    // A deploy has the value of that moment.
    await says('stripe', 'sk_of_the_vault_2')
    const deployed = await app.deploy()
    assert.equal(deployed.json.outcome, 'done', deployed.text)
    assert.equal((await env())['STRIPE_KEY'], 'sk_of_the_vault_2')

    // While the vault is down no deploy goes on, and what was started before needs it for nothing.
    await down(true)
    const refused = await app.deploy()
    assert.equal(refused.json.outcome, 'undone', refused.text)
    assert.match(refused.text, /502 at \*\*\*OP_TOKEN\*\*\*, had \*\*\*STRIPE_KEY\*\*\*/)
    assert.equal((await env())['STRIPE_KEY'], 'sk_of_the_vault_2')
    const back = await server.inn(['rollback', NAME])
    assert.equal(back.json.outcome, 'done', back.text)
    assert.equal((await env())['STRIPE_KEY'], 'sk_of_the_vault_1')
    await down(false)

    // So has what runs, when somebody asks for it; the same value makes no release.
    await says('stripe', 'sk_of_the_vault_3')
    const fresh = await server.inn(['secrets', 'refresh', NAME])
    assert.equal(fresh.json.outcome, 'done', fresh.text)
    assert.equal((await env())['STRIPE_KEY'], 'sk_of_the_vault_3')
    const same = await server.inn(['secrets', 'refresh', NAME, '--plan'])
    assert.deepEqual((same.json['steps'] as unknown[]).length, 1, same.text)

    // An environment has secrets and credentials of its own.
    const staging = await set(['STRIPE_KEY', `${NAME}@staging`, '--from', `${program} read stripe`])
    assert.match(staging.json.failure?.why ?? '', /ended with 1: 401 for ''$/)

    const list = await server.inn(['secrets', 'list', NAME])
    assert.match(list.text, /read stripe/)
    assert.match(
      (await server.inn(['audit'])).text,
      /STRIPE_KEY of t-secret.*, as said by .*\/op read stripe/,
    )
    const values = [1, 2, 3].map(n => `sk_of_the_vault_${n}`)
    assert.doesNotMatch(
      [done, deployed, refused, fresh, list].map(({ text }) => text).join(),
      /sk_of_the|ops_1/,
    )
    assert.deepEqual(foundIn(CREDENTIAL, ...values), [])
  },
)
