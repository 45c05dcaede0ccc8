import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Run, RunEvent } from '../engine/wire.ts'
import { ending, follow, heldBack } from './follow.ts'
import { inTurn, recorder, runOf, standIn, step as stepOf, streams } from './stand-in.fixture.ts'

const FAILURE = {
  code: 'deploy.exits',
  what: 'web exits',
  why: 'no module pg',
  fix: 'npm install pg',
  facts: {},
}

const run = (more: Partial<Run>) => runOf({ title: 'deploy shop', ms: 5_000, ...more })

const step = (title: string, more: Partial<Run['steps'][number]> = {}) =>
  stepOf(title, { state: 'done', ms: 1_200, ...more })

test('each step is told once, when it has ended, with its time and its note', async t => {
  const running = step('switch web', { index: 1, state: 'running', ms: null })
  const states = [
    run({ state: 'running', outcome: null, steps: [step('build web', { note: 'in 3 ms' }), running] }),
    run({ state: 'running', outcome: null, steps: [step('build web', { note: 'in 3 ms' }), running] }),
    run({ steps: [step('build web', { note: 'in 3 ms' }), { ...running, state: 'done', ms: 40 }] }),
  ]
  const events = states.map(state => ({ type: 'run' as const, run: state }))
  const keeper = await standIn(t, streams(RunEvent, ...events))
  const { terminal, printed } = recorder({ plain: true })
  const last = await follow('r-1', { client: keeper.client, terminal, verbose: false, quiet: false })
  assert.equal(last.outcome, 'done')
  assert.deepEqual(printed, ['✓ build web  1.2 s  in 3 ms', '✓ switch web  40 ms'])
})

test('a step that fails has a mark of its own, and one that is taken back says what its undo did', async t => {
  const keeper = await standIn(
    t,
    streams(RunEvent, {
      type: 'run',
      run: run({
        outcome: 'undone',
        failure: FAILURE,
        steps: [
          step('switch web', { state: 'undone', undo: 'switch web back' }),
          step('watch', { index: 1, state: 'failed', note: 'it was worse' }),
        ],
      }),
    }),
  )
  const { terminal, printed } = recorder({ plain: true })
  await follow('r-1', { client: keeper.client, terminal, verbose: false, quiet: false })
  assert.deepEqual(printed, ['↶ switch web back  1.2 s', '✗ watch  1.2 s'])
})

test('a keeper that breaks off and comes back is asked again, and nothing is told twice', async t => {
  const first = run({ state: 'running', outcome: null, steps: [step('build web')] })
  const keeper = await standIn(
    t,
    inTurn(
      streams(RunEvent, { type: 'run', run: first }),
      streams(RunEvent, { type: 'run', run: run({ steps: [step('build web')] }) }),
    ),
  )
  const { terminal, printed } = recorder({ plain: true })
  const last = await follow('r-1', { client: keeper.client, terminal, verbose: false, quiet: false })
  assert.equal(last.state, 'ended')
  assert.equal(keeper.asked.length, 2)
  assert.deepEqual(printed, ['✓ build web  1.2 s'])
})

test('lines of output are shown when they are asked for; quiet shows nothing at all', async t => {
  const keeper = await standIn(
    t,
    streams(
      RunEvent,
      { type: 'line', run: 'r-1', phase: 'steps', index: 0, text: 'added 3 packages' },
      { type: 'run', run: run({ steps: [step('build web')] }) },
    ),
  )
  const loud = recorder({ plain: true })
  await follow('r-1', { client: keeper.client, terminal: loud.terminal, verbose: true, quiet: false })
  assert.deepEqual(loud.printed, ['    added 3 packages', '✓ build web  1.2 s'])
  const quiet = recorder({ plain: true })
  await follow('r-1', { client: keeper.client, terminal: quiet.terminal, verbose: true, quiet: true })
  assert.deepEqual(quiet.printed, [])
})

test('how a run ended is said with what is left to do, and a failure with why and fix', () => {
  const { terminal } = recorder({ plain: true })
  const of = (more: Parameters<typeof run>[0]) => ending(run(more), terminal)
  assert.equal(of({}), 'deploy shop: done in 5.0 s')
  assert.match(
    of({ outcome: 'done-but', leftover: ['r1 is still there: `inn remove r1`'] }),
    /, but\n {2}r1 is still there: inn remove r1$/,
  )
  const started = step('start', { undo: 'stop what was started', state: 'undone' })
  const undone = of({ outcome: 'undone', failure: FAILURE, steps: [started] })
  assert.match(undone, /undone after 5\.0 s; everything is as it was\n/)
  assert.match(undone, /web exits[\s\S]*no module pg[\s\S]*npm install pg/)
  const stopped = step('stop', { kind: 'instances.stop', state: 'done' })
  const stops = of({ outcome: 'undone', steps: [started, stopped] })
  assert.match(stops, /; what serves is as it was; what was kept warm before is stopped$/)
  const migrated = step('migrate', { kind: 'release.migrate', state: 'done' })
  const stays = of({ outcome: 'undone', steps: [started, migrated] })
  assert.match(stays, /; what serves is as it was; what its release step did to the database stays$/)
  const verified = of({ outcome: 'undone', failure: FAILURE, steps: [step('verify', { state: 'failed' })] })
  assert.match(verified, /: failed after 5\.0 s\n/, 'there was nothing to take back')
  const stuck = of({ outcome: 'stuck', leftover: ['start it by hand'], failure: FAILURE })
  assert.match(stuck, /STUCK after 5\.0 s; what is left to do by hand:\n {2}start it by hand\n/)
})

test('Ctrl-C while the keeper is asked to begin is remembered until it answers', async () => {
  const before = process.listenerCount('SIGINT')
  const pressed = await heldBack(async () => {
    process.emit('SIGINT')
    return 'run-1'
  })
  assert.deepEqual(pressed, { value: 'run-1', interrupted: true })
  assert.deepEqual(await heldBack(async () => 'run-2'), { value: 'run-2', interrupted: false })
  await assert.rejects(
    heldBack(() => Promise.reject(new Error('refused'))),
    /refused/,
  )
  assert.equal(process.listenerCount('SIGINT'), before)
})
