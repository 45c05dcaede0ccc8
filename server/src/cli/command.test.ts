import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { z } from 'zod'
import { Run, RunEvent } from '../engine/wire.ts'
import { ChangeAnswer } from '../engine/wire-change.ts'
import { EXIT } from '../kernel/exit.ts'
import type { Failure } from '../kernel/failure.ts'
import { appName, change, openCli } from './command.ts'
import {
  type Answer,
  cliOf,
  failsWith,
  inTurn,
  recorder,
  refuses,
  runOf,
  says,
  streams,
} from './stand-in.fixture.ts'
import { showPlan } from './terminal.ts'

const PLAN = {
  title: 'stop shop',
  steps: [
    { title: 'answer 503', undo: 'let requests through' },
    { title: 'stop web', undo: null },
  ],
  cleanup: ['remove files'],
  notices: ['nobody is served; `inn start` ends that'],
}

afterEach(() => {
  process.exitCode = undefined
})

/** A keeper that shows the plan, or carries it out with this end. */
const changes = (end: Partial<Run> = {}): Answer => {
  const run = runOf({ id: 'r-1', title: 'deploy shop', ...end })
  const planned = says(ChangeAnswer, { plan: PLAN })
  const begun = says(ChangeAnswer, { run, notices: PLAN.notices })
  const followed = streams(RunEvent, { type: 'run', run })
  return (response, asked) => {
    if (asked.path.endsWith('/events')) return followed(response, asked)
    const { plan } = asked.body as { plan?: boolean }
    return (plan ? planned : begun)(response, asked)
  }
}

test('the exit code says how a change ended', async t => {
  const ends = { done: EXIT.done, 'done-but': EXIT.leftover, undone: EXIT.failed, stuck: EXIT.stuck } as const
  for (const [outcome, code] of Object.entries(ends)) {
    const { cli } = await cliOf(t, changes({ outcome: outcome as keyof typeof ends }))
    await change(cli, { path: '/api/x', body: {}, plan: false })
    assert.equal(process.exitCode, code, outcome)
  }
})

test('a plan is shown and nothing is begun', async t => {
  const { cli, keeper, printed } = await cliOf(t, changes(), { plain: true })
  await change(cli, { path: '/api/x', body: { a: 1 }, plan: true })
  assert.deepEqual(keeper.calls(), [['POST /api/x', { a: 1, plan: true }]])
  assert.match(printed[0]!, /1\. answer 503 .*if it fails: let requests through/)
})

test('what asks first is done after a yes alone, and says so when it is not', async t => {
  for (const [said, begun] of [
    ['y', true],
    ['Yes', true],
    ['', false],
    ['n', false],
  ] as const) {
    const { cli, keeper, noted } = await cliOf(t, changes(), { interactive: true, answer: said })
    await change(cli, { path: '/api/x', body: {}, plan: false, confirm: 'stop it?' })
    assert.equal(keeper.asked.length > 1, begun, said)
    if (!begun) assert.match(noted.join(), /nothing was changed; --yes/)
    assert.equal(process.exitCode, begun ? EXIT.done : EXIT.failed)
  }
})

test('without a person nobody is asked, and nothing is done', async t => {
  const { cli, keeper, questions } = await cliOf(t, changes())
  await change(cli, { path: '/api/x', body: {}, plan: false, confirm: 'stop it?' })
  assert.deepEqual(questions, [])
  assert.deepEqual(keeper.calls(), [['POST /api/x', { plan: true }]])
})

test('notices are shown before the change, and what it made after it', async t => {
  const { cli, printed } = await cliOf(t, changes(), { plain: true })
  const shows = async (id: string) => ({ facts: { id }, text: `made ${id}` })
  await change(cli, { path: '/api/x', body: {}, plan: false, shows })
  assert.deepEqual(
    [printed[0], printed[1], printed.at(-1)],
    ['deploy shop', '  note: nobody is served; inn start ends that', 'made r-1'],
  )
})

const held = (run: string, kind = 'deploy'): Answer =>
  refuses(409, {
    ...{ code: 'run.locked', what: 'held', why: `otto began ${run}`, fix: 'wait' },
    facts: { run, kind },
  })

test('with --wait a change is asked for again after each run that was in its way, which goes on', async t => {
  const after = (id: string) =>
    inTurn(...(['running', 'ended'] as const).map(state => says(Run, runOf({ id, state }))))
  const done = runOf({ id: 'r-1' })
  const { cli, keeper, noted } = await cliOf(
    t,
    {
      'POST /api/x': inTurn(held('a'), held('b'), says(ChangeAnswer, { run: done, notices: [] })),
      'GET /api/runs/a': after('a'),
      'GET /api/runs/b': after('b'),
      'GET /api/runs/r-1/events': streams(RunEvent, { type: 'run', run: done }),
    },
    { wait: true },
  )
  await change(cli, { path: '/api/x', body: {}, plan: false })
  assert.equal(process.exitCode, EXIT.done)
  assert.deepEqual(noted, ['waiting: otto began a', 'waiting: otto began b'])
  assert.deepEqual(
    keeper.asked.map(({ method, path }) => `${method} ${path}`).filter(call => !call.endsWith('/events')),
    [
      'POST /api/x',
      ...Array(2).fill('GET /api/runs/a'),
      'POST /api/x',
      ...Array(2).fill('GET /api/runs/b'),
      'POST /api/x',
    ],
  )
})

test('without --wait a change is told who holds the lock', async t => {
  const { cli, keeper } = await cliOf(t, held('a'))
  await assert.rejects(change(cli, { path: '/api/x', body: {}, plan: false }), failsWith('run.locked'))
  assert.equal(keeper.asked.length, 1)
})

test('what the keeper does by itself for seconds is waited for by every change', async t => {
  const done = runOf({ id: 'r-1' })
  const { cli, noted } = await cliOf(t, {
    'POST /api/x': inTurn(held('a', 'sleep'), says(ChangeAnswer, { run: done, notices: [] })),
    'GET /api/runs/a': says(Run, runOf({ id: 'a', state: 'ended' })),
    'GET /api/runs/r-1/events': streams(RunEvent, { type: 'run', run: done }),
  })
  await change(cli, { path: '/api/x', body: {}, plan: false })
  assert.deepEqual([process.exitCode, noted], [EXIT.done, ['waiting: otto began a']])
})

test('the app is the one that was named, the one of the folder, or the only one', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-app-'))
  const before = process.cwd()
  let apps = [{ name: 'bar' }]
  const { cli } = await cliOf(t, (response, asked) => says(z.unknown(), { apps })(response, asked))
  try {
    process.chdir(folder)
    assert.equal(await appName(cli, 'shop'), 'shop')
    assert.equal(await appName(cli, undefined), 'bar')
    apps = [{ name: 'bar' }, { name: 'inn' }]
    await assert.rejects(appName(cli, undefined), (error: Failure) => {
      assert.equal(error.code, 'usage.app')
      assert.match(error.why, /bar and inn/)
      return true
    })
    apps = []
    await assert.rejects(appName(cli, undefined), (error: Failure) => /inn deploy/.test(error.fix))
    // A mistake elsewhere in the file must not stop whoever rolls back at night.
    await writeFile('innkeeper.yaml', 'services: [broken\nname: "shop-two"\n')
    assert.equal(await appName(cli, undefined), 'shop-two')
    // A name that is left out is not the next word of the file.
    apps = [{ name: 'bar' }]
    await writeFile('innkeeper.yaml', 'name:\nservices: { web: { start: node web.js } }\n')
    assert.equal(await appName(cli, undefined), 'bar')
    await writeFile('innkeeper.yaml', 'name:\n  shop\n')
    assert.equal(await appName(cli, undefined), 'bar')
  } finally {
    process.chdir(before)
    await rm(folder, { recursive: true })
  }
})

test('an address without a token is refused before anything is sent', () => {
  const { INNKEEPER_URL: url, INNKEEPER_TOKEN: token } = process.env
  try {
    process.env['INNKEEPER_URL'] = 'https://inn.example.com'
    delete process.env['INNKEEPER_TOKEN']
    assert.throws(() => openCli({ home: '/h', json: true, wait: false, tunnel: null, version: null }), {
      code: 'usage.token',
    })
  } finally {
    for (const [name, value] of Object.entries({ INNKEEPER_URL: url, INNKEEPER_TOKEN: token }))
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  }
})

test('a plan that is shown lists notices and clean-up', () => {
  const shown = showPlan(PLAN, recorder({ plain: true }).terminal)
  assert.match(shown, /stop shop[\s\S]* 2\. stop web[\s\S]*remove files/)
  assert.match(shown, /note: nobody is served; inn start ends that/)
})
