import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { EnvName } from '../apps/releases/wire.ts'
import { framesOut, runOf, says } from '../cli/stand-in.fixture.ts'
import { RunSummary } from '../engine/wire.ts'
import { AuditEntry } from '../reach/audit/wire.ts'
import { type Refused, typed } from './program.fixture.ts'
import { commandLine } from './program.ts'
import { version } from './version.ts'

// Times are shown by the clock of the terminal.
process.env['TZ'] = 'Asia/Tokyo'

test('inn version says the version of both sides, also as JSON, and where no keeper answers', async t => {
  const answer = says(z.object({ status: z.string(), version: z.string() }), {
    status: 'ok',
    version: '9.0.0',
  })
  const keeper = { 'GET /api/health': answer }
  assert.equal((await typed(t, ['version'], keeper)).out, `${version()}\nkeeper 9.0.0\n`)
  assert.deepEqual((await typed(t, ['version', '--json'], keeper)).json(), {
    version: version(),
    keeper: '9.0.0',
  })
  const nobody = await typed(t, ['version'])
  assert.equal(nobody.out, `${version()}\nno keeper answers\n`)
})

test('inn history is of one app, or of all', async t => {
  const { steps: _, ...run } = runOf()
  const answer = says(z.array(RunSummary), [run])
  const { out } = await typed(t, ['history', 'shop'], { 'GET /api/apps/shop/runs': answer })
  assert.match(out, /^2026-11-20 19:00:00 \+09:00 +deploy r2 of shop +anna +done +4\.2 s +run-1$/m)
  assert.deepEqual((await typed(t, ['history', '--json'], { 'GET /api/runs': answer })).json(), [run])
})

test('inn audit says who did what', async t => {
  const entry = {
    id: 1,
    at: '2026-11-20T10:00:00.000Z',
    actor: 'anna',
    action: 'run',
    app: null,
    run: null,
    detail: 'x',
    outcome: 'done',
  }
  const answers = { 'GET /api/audit': says(z.array(AuditEntry), [entry]) }
  const { out, calls } = await typed(t, ['audit', 'shop', '--who', 'ann & co', '-n', '1'], answers)
  assert.match(out, /^2026-11-20 19:00:00 \+09:00 +anna +run +- +done +x\n$/m)
  assert.deepEqual(calls, [['GET /api/audit?limit=1&app=shop&actor=ann+%26+co', undefined]])
})

test('inn env says names and where values come from', async t => {
  const answer = says(z.array(EnvName), [{ service: 'web', name: 'KEY', origin: 'given with a deploy' }])
  const { out } = await typed(t, ['env', '--app', 'shop'], { 'GET /api/apps/shop/env': answer })
  assert.match(out, /^web +KEY +given with a deploy$/m)
})

test('inn db shell is psql in the app', async t => {
  const answers = { 'POST /api/apps/shop/commands': framesOut([3, { code: 2 }]) }
  const { calls, code } = await typed(t, ['db', 'shell', 'shop'], answers)
  assert.deepEqual([(calls[0]![1] as { argv: string[] }).argv, code], [['psql'], 2])
  const owner = await typed(t, ['db', 'shell', 'shop', '--owner', '--copy', 'look'], answers)
  assert.deepEqual((owner.calls[0]![1] as { database: object }).database, { owner: true, copy: 'look' })
})

test('an app is named the same way everywhere; two names are refused', async t => {
  const all = (await commandLine('/h')).commands.flatMap(one => [one, ...one.commands])
  for (const command of all) {
    const optional = command.registeredArguments.some(one => one.name() === 'app' && !one.required)
    assert.ok(!optional || command.options.some(one => one.long === '--app'), command.name())
  }
  await assert.rejects(typed(t, ['env', 'shop', '--app', 'other']), (error: Refused) => error.code === 2)
})

test('a command that is typed is the one of the whole list, and loads few others', async () => {
  for (const one of (await commandLine('/h')).commands) {
    const typed = await commandLine('/h', one.name())
    const same = typed.commands.find(other => other.name() === one.name())
    assert.equal(same?.helpInformation(), one.helpInformation())
  }
  const names = (await commandLine('/h', 'logs')).commands.map(one => one.name())
  assert.ok(names.includes('logs') && !names.includes('backup'))
})

test('every command stands in a group of the help', async () => {
  const program = await commandLine('/h')
  assert.deepEqual(
    program.commands.filter(one => one.helpGroup() === '').map(one => one.name()),
    [],
  )
})
