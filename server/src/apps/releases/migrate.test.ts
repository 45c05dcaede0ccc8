import assert from 'node:assert/strict'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfigOrFail } from '../../config/read.ts'
import type { Failure } from '../../kernel/failure.ts'
import { migrate, migratedText } from './migrate.ts'
import type { Serves } from './migrate-failures.ts'
import type { Finished } from './runner.ts'

const OK: Finished = { code: 0, signal: null, tail: '', stdout: '', ms: 1 }

/** A database that has applied these migrations, and a release that brings some. */
function world({
  files = { '1.sql': 'create table a ()', '2.sql': 'create table b ()' } as Record<string, string>,
  release = '',
  migrations = '{ tool: sql, folder: migrations }',
  applied = [] as string[],
  tried = [] as string[],
  serves = 'before' as Serves,
} = {}) {
  const config = readConfigOrFail(
    `name: shop\nservices: { api: { start: node a.js } }\ndatabase: { postgres: true }\nmigrations: ${migrations}\n${release}\n`,
  )
  const state = {
    applied: [...applied],
    finished: OK,
    /** What the release command does in the database. */
    work: () => {},
    fails: null as string | null,
    away: false,
    blockers: [] as string[],
    slow: 0,
  }
  const asked: string[] = []
  const kept: Array<readonly string[]> = []
  const said: string[] = []
  let open: string[] | null = null
  const query = async (
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Array<Record<string, unknown>>> => {
    if (state.away) throw new Error('connection lost')
    asked.push(values.length === 0 ? text : `${text.split(' ')[0]} ${values[0]}`)
    if (state.fails !== null && text.includes(state.fails)) throw new Error(`syntax error at ${state.fails}`)
    if (text === 'begin') open = [...state.applied]
    if (text === 'rollback' && open !== null) state.applied = open
    if (text.startsWith('insert into "public"."schema_migrations"')) state.applied.push(String(values[0]))
    if (text.includes('pg_index')) return []
    if (text.includes('pg_class')) return [{ schema: 'public', name: 'schema_migrations', columns: ['name'] }]
    return text.startsWith('select') ? state.applied.map(name => ({ value: name })) : []
  }
  const go = (database = true) =>
    migrate({
      limits: null,
      guard: null,
      sleep: async () => {},
      serves,
      config,
      source: {
        text: async path => files[path.replace('migrations/', '')] ?? null,
        has: async () => false,
        names: async folder => {
          const below = Object.keys(files).map(path => join('migrations', path))
          const inside = below.filter(path => dirname(path) === folder).map(path => basename(path))
          return inside.length > 0 || folder === 'migrations' ? inside : null
        },
      },
      query: database ? query : null,
      async run() {
        await sleep(state.slow)
        state.work()
        return state.finished
      },
      blockers: async () => state.blockers,
      tried,
      remember: async names => void kept.push(names),
      say: line => void said.push(line),
    })
  return { state, asked, kept, said, go, config }
}
const refused = async (work: Promise<unknown>): Promise<Failure> => {
  try {
    await work
  } catch (error) {
    return error as Failure
  }
  throw new Error('it went well')
}

test('files of SQL are applied in order, each with its record in one transaction', async () => {
  const { go, asked, kept, said } = world()
  assert.deepEqual((await go()).applied, ['1.sql', '2.sql'])
  const from = asked.indexOf('begin') - 1
  const file = (sql: string, name: string) => [
    'discard all',
    'begin',
    sql,
    'reset role',
    `insert ${name}`,
    'commit',
  ]
  assert.deepEqual(asked.slice(from, from + 13), [
    ...file('create table a ()', '1.sql'),
    ...file('create table b ()', '2.sql'),
    'discard all',
  ])
  assert.deepEqual(kept, [
    ['1.sql', '2.sql'],
    ['1.sql', '2.sql'],
  ])
  assert.deepEqual(said, ['pending: 1.sql', 'pending: 2.sql', 'applied: 1.sql', 'applied: 2.sql'])
})

test('what is applied already is not applied again', async () => {
  const { go, asked, state } = world({ applied: ['1.sql'] })
  assert.deepEqual((await go()).applied, ['2.sql'])
  assert.ok(!asked.includes('create table a ()'))
  assert.deepEqual(state.applied, ['1.sql', '2.sql'])
})

test('a file that says so runs outside of a transaction', async () => {
  const files = { '1.sql': '-- no-transaction\ncreate index concurrently i' }
  const { go, asked, state } = world({ files })
  await go()
  assert.ok(!asked.includes('begin'))
  const broken = world({ files })
  broken.state.fails = 'concurrently'
  const { why } = await refused(broken.go())
  assert.doesNotMatch(why, /rolled back/)
  assert.deepEqual(state.applied, ['1.sql'])
})

test('a file that fails is rolled back; the failure tells what was applied before it, and stays', async () => {
  const { go, state, kept, asked } = world()
  state.fails = 'table b'
  const failure = await refused(go())
  assert.equal(failure.code, 'release.failed')
  assert.match(failure.message, /^2\.sql failed; the old version goes on serving/)
  assert.match(
    failure.why,
    /^syntax error at table b; it was rolled back\n1\.sql was applied and stays; 2\.sql not\./,
  )
  assert.deepEqual([failure.facts['applied'], failure.facts['pending']], [['1.sql'], ['2.sql']])
  assert.ok(asked.includes('rollback'))
  assert.deepEqual(kept.at(-1), ['1.sql'], 'the release knows what it brought')
  const first = world()
  first.state.fails = 'table a'
  assert.match((await refused(first.go())).why, /\nno migration was applied\.$/)
})

test('a database that goes away meanwhile leaves open what was applied', async () => {
  const { go, state, kept } = world({ release: 'release: node migrate.js' })
  state.work = () => {
    state.away = true
    state.finished = { ...OK, code: 1, tail: 'connection lost' }
  }
  const { code, why } = await refused(go())
  assert.equal(code, 'release.failed')
  assert.match(why, /connection lost\nwhich migrations were applied cannot be read now\.$/)
  assert.deepEqual(kept, [['1.sql', '2.sql']], 'a later look finds them')
})

test('the command of the release is believed by the database, and not by its exit code', async () => {
  const well = world({ release: 'release: node migrate.js' })
  well.state.work = () => well.state.applied.push('1.sql', '2.sql')
  assert.deepEqual((await well.go()).applied, ['1.sql', '2.sql'])
  const lies = world({ release: 'release: node migrate.js' })
  lies.state.work = () => lies.state.applied.push('1.sql')
  const failure = await refused(lies.go())
  assert.equal(failure.code, 'release.nothing-applied')
  assert.equal(failure.message, '1 migration is still pending after the release step')
  assert.equal(
    failure.why,
    'node migrate.js exited 0, and the database does not have 2.sql in public.schema_migrations',
  )
  assert.deepEqual(lies.kept.at(-1), ['1.sql'])
})

test('a command that fails tells its end; a signal is named', async () => {
  const { go, state } = world({ release: 'release: node migrate.js' })
  state.finished = { ...OK, code: 1, tail: 'error: relation "a" already exists' }
  const { why, fix } = await refused(go())
  assert.match(why, /^node migrate\.js ended with 1\nerror: relation/)
  assert.equal(fix, 'correct the migration, then deploy again')
  state.finished = { ...OK, code: null, signal: 'SIGKILL' }
  assert.match((await refused(go())).why, /ended with SIGKILL/)
})

test('a push that asked a question nobody answered is no success', async () => {
  const push = 'release: npx drizzle-kit push'
  const { go, state } = world({ files: {}, release: push })
  state.finished = { ...OK, tail: 'Is users table created or renamed?' }
  assert.equal((await refused(go())).code, 'release.nothing-applied')
  for (const tail of ['[✓] Changes applied', 'No changes detected']) {
    state.finished = { ...OK, tail }
    assert.deepEqual((await go()).applied, [])
  }
})

test('a keeper that was killed meanwhile goes on, and the release still knows all that it brought', async () => {
  const { go } = world({ applied: ['1.sql'], tried: ['1.sql', '2.sql'] })
  assert.deepEqual((await go()).applied, ['1.sql', '2.sql'])
})

test('an app without a database runs its command, and nothing is asked', async () => {
  const { go, asked, kept } = world({ release: 'release: node warm.js' })
  assert.deepEqual((await go(false)).applied, [])
  assert.deepEqual([asked, kept], [[], [[], []]])
})

test('sessions that hold the command up are named, also when they are gone at its end', async () => {
  const { go, state } = world({ release: 'release: node migrate.js' })
  state.slow = 700
  state.blockers = ['psql (anna) since 5 min']
  state.finished = { ...OK, code: 1, tail: 'canceling statement due to lock timeout' }
  state.work = () => {
    state.blockers = []
  }
  const { why, fix, facts } = await refused(go())
  assert.match(why, /\nit waited for psql \(anna\) since 5 min$/)
  assert.match(fix, /^end that session/)
  assert.deepEqual(facts['blocked'], ['psql (anna) since 5 min'])
})

test('with migrations: false leftover files are neither told nor compared, and the command runs', async () => {
  // meta/_journal.json makes it a folder of drizzle, which is found without a word in innkeeper.yaml.
  const files = { 'meta/_journal.json': '{"entries":[{"tag":"0001_old","when":1}]}', '0001_old.sql': '' }
  const push = { files, release: 'release: npx drizzle-kit push' }
  const done = { ...OK, tail: '[✓] Changes applied' }
  const found = world({ ...push, migrations: '{ table: drizzle.applied }' })
  found.state.finished = done
  assert.match((await refused(found.go())).fix, /migrations: false/)
  const { go, state, said, kept, asked, config } = world({ ...push, migrations: 'false' })
  state.finished = done
  let ran = false
  state.work = () => (ran = true)
  assert.equal(migratedText(await go(), config), 'ran to its end')
  assert.deepEqual([ran, said, kept], [true, [], [[], []]])
  assert.equal(asked.length, 1, 'only invalid indexes are looked for')
})

test('what serves after a step that failed is said as it is: the version before, nothing yet, or data that is put back', async () => {
  const told = async (serves: Serves) => {
    const { go, state } = world({ release: 'release: node migrate.js', serves })
    state.finished = { ...OK, code: 1 }
    state.work = () => state.applied.push('1.sql')
    const { message, why, fix } = await refused(go())
    return [message, why.split('\n').at(-1), fix]
  }
  assert.deepEqual(await told('before'), [
    'the release step failed; the old version goes on serving',
    '1.sql was applied and stays; 2.sql not. The old version still serves, now on the changed schema.',
    'correct the migration, then deploy again',
  ])
  assert.deepEqual((await told('none')).slice(0, 2), [
    'the release step failed',
    '1.sql was applied and stays; 2.sql not.',
  ])
  assert.deepEqual(await told('restored'), [
    'the release step failed; what was there before is put back',
    '1.sql was applied to the restored data, which is given up.',
    'restore without `--migrate`: the data comes back as it was; then deploy a release that suits it',
  ])
})

test('what was not compared is not claimed', async () => {
  const text = async (order: Parameters<typeof world>[0], database = true) => {
    const { go, config } = world(order)
    return migratedText(await go(database), config)
  }
  assert.equal(await text({ applied: ['1.sql', '2.sql'] }), 'no migration was pending')
  assert.equal(await text({}), 'applied 1.sql and 2.sql')
  assert.match(await text({ release: 'release: node warm.js' }, false), /is not known, because/)
  assert.equal(
    migratedText({ applied: [], compared: null, edited: [], invalid: [] }, world().config),
    'there was nothing to run',
  )
  const edited = { applied: ['2.sql'], compared: {} as never, edited: ['1.sql'], invalid: ['public.i'] }
  assert.match(
    migratedText(edited, world().config),
    /^applied 2\.sql; 1\.sql was changed since applied.*; public\.i is an invalid index/,
  )
})

test('files that node-pg-migrate would run to undo what it has just done are refused before it begins', async () => {
  const { go, asked, state } = world({
    files: { '1_a.up.sql': '', '1_a.down.sql': '' },
    release: 'release: node-pg-migrate up',
    migrations: '{ tool: node-pg-migrate, folder: migrations }',
  })
  state.work = () => asked.push('ran')
  const failure = await refused(go())
  assert.equal(failure.code, 'release.down-files')
  assert.match(failure.message, /would run 1_a\.down\.sql as a migration/)
  assert.ok(!asked.includes('ran'))
})

test('a failing drizzle-kit, which says nothing, is answered for by PostgreSQL, and nothing of that stays', async () => {
  const entries = ['0_a', '1_b'].map((tag, when) => ({ tag, when }))
  const { go, asked, state } = world({
    files: {
      'meta/_journal.json': JSON.stringify({ entries }),
      '0_a.sql': 'create table a ()',
      '1_b.sql': 'create table b ()\n--> statement-breakpoint\nselect wrong',
    },
    release: 'release: drizzle-kit migrate',
    migrations: '{ tool: drizzle, folder: migrations }',
  })
  state.fails = 'wrong'
  state.finished = {
    ...OK,
    code: 1,
    tail: "Using 'pg' driver\n[⣷] applying migrations...\u001b[2K\u001b[1G[⣯] applying migrations...",
  }
  const { why } = await refused(go())
  assert.match(why, /PostgreSQL says of 1_b\.sql, .*: syntax error at wrong$/m)
  assert.doesNotMatch(why, /⣷/)
  assert.equal(asked[asked.indexOf('rollback') + 1], 'discard all')
  assert.ok(!asked.includes('commit'))
  state.fails = null
  assert.match((await refused(go())).why, /it printed no reason, and nothing is refused/)
  state.finished = { ...OK, code: 1, tail: 'Please install either pg or postgres' }
  assert.match((await refused(go())).why, /Please install/)
})
