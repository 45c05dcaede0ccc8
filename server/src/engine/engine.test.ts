import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../db/db.ts'
import { Failure } from '../kernel/failure.ts'
import { createEngine } from './engine.ts'
import type { Journal } from './journal.ts'
import type { Plan } from './plan.ts'
import { PowerCut } from './run.ts'
import { sqliteJournal } from './sqlite-journal.ts'

type Put = { kind: 'put'; key: string; value: string } | { kind: 'fail'; key: string } | { kind: 'wait' }
type World = Map<string, string>

const put = (key: string, value: string): Put => ({ kind: 'put', key, value })
const clock = { now: () => 1_000, sleep: async () => {} }

function plan(steps: Plan<Put>['steps'], cleanup: Put[] = [], locks = ['app:shop']): Plan<Put> {
  return { kind: 'test', title: 'a test', app: 'shop', release: null, locks, steps, cleanup, notices: [] }
}

/** A machine: a journal, a world, and a power cut before or after the n-th journal write. */
function machine(cutAt = Number.POSITIVE_INFINITY, side: 'before' | 'after' = 'before') {
  const store = openStore(':memory:')
  const world: World = new Map([['edge', 'blue']])
  let writes = 0
  let ids = 0
  const real = sqliteJournal(store.raw)
  const cut =
    <A extends unknown[], R>(write: (...args: A) => R) =>
    (...args: A): R => {
      writes++
      if (writes === cutAt && side === 'before') throw new PowerCut('power')
      if (writes > cutAt) throw new PowerCut('still off')
      const result = write(...args)
      if (writes === cutAt) throw new PowerCut('power')
      return result
    }
  const journal: Journal = {
    ...real,
    open: cut(real.open),
    step: cut(real.step),
    state: cut(real.state),
    end: cut(real.end),
  }
  const boot = (with_: Journal) =>
    createEngine<Put>({
      journal: with_,
      clock,
      newId: () => `run${++ids}`,
      perform: async (step, { signal }) => {
        if (step.kind === 'put') world.set(step.key, step.value)
        if (step.kind === 'fail')
          throw new Failure('test.broken', `${step.key} broke`, { why: 'asked to', fix: 'none' })
        if (step.kind === 'wait')
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        return 'noted'
      },
    })
  return { world, journal: real, engine: boot(journal), again: () => boot(real), writes: () => writes }
}

async function runThrough(m: ReturnType<typeof machine>, wanted: Plan<Put>): Promise<string | null> {
  try {
    return await m.engine.ended(m.engine.start(wanted, 'anna'))
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
    const engine = m.again()
    const [id] = engine.resume()
    return id === undefined ? null : await engine.ended(id)
  }
}

const good = plan(
  [
    { does: put('green', 'up'), undo: put('green', 'none') },
    { does: put('edge', 'green'), undo: put('edge', 'blue') },
  ],
  [put('blue', 'stopped')],
)
const bad = plan(
  [
    { does: put('green', 'up'), undo: put('green', 'none') },
    { does: put('edge', 'green'), undo: put('edge', 'blue') },
    { does: { kind: 'fail', key: 'watch' }, undo: null },
  ],
  [put('blue', 'stopped')],
)

test('a plan that succeeds does its steps in order, then its cleanup', async () => {
  const m = machine()
  assert.equal(await runThrough(m, good), 'done')
  assert.deepEqual(Object.fromEntries(m.world), { edge: 'green', green: 'up', blue: 'stopped' })
  assert.ok(m.journal.read('run1')!.steps.every(step => step.state === 'done' && step.note === 'noted'))
})

test('a step that fails is undone with all before it, backwards, and cleanup never runs', async () => {
  const m = machine()
  assert.equal(await runThrough(m, bad), 'undone')
  assert.deepEqual(Object.fromEntries(m.world), { edge: 'blue', green: 'none' })
  assert.equal(m.journal.read('run1')!.failure!.code, 'test.broken')
})

test('the power cut at any journal write, before or after it, ends in the same world', async () => {
  for (const [wanted, world] of [
    [good, { edge: 'green', green: 'up', blue: 'stopped' }],
    [bad, { edge: 'blue', green: 'none' }],
  ] as const) {
    const calm = machine()
    await runThrough(calm, wanted)
    for (let at = 1; at <= calm.writes(); at++) {
      for (const side of ['before', 'after'] as const) {
        const m = machine(at, side)
        const outcome = await runThrough(m, wanted)
        const begun = !(at === 1 && side === 'before')
        assert.deepEqual(
          Object.fromEntries(m.world),
          begun ? world : { edge: 'blue' },
          `cut ${side} write ${at}`,
        )
        // After the last write the run had ended, so there was nothing to continue.
        if (begun && !(at === calm.writes() && side === 'after'))
          assert.equal(outcome, wanted === good ? 'done' : 'undone')
        assert.deepEqual(m.journal.unfinished(), [])
      }
    }
  }
})

test('a journal that cannot be written because the disk is full is waited for: nothing is done twice, and nothing lost', async () => {
  const full = Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 })
  for (const [wanted, outcome] of [
    [good, 'done'],
    [bad, 'undone'],
  ] as const) {
    const store = openStore(':memory:')
    const real = sqliteJournal(store.raw)
    let tries = 0
    const scarce =
      <A extends unknown[]>(write: (...args: A) => void) =>
      (...args: A): void => {
        if (++tries % 3 !== 0) throw full
        write(...args)
      }
    const did: string[] = []
    const said: string[] = []
    const engine = createEngine<Put>({
      journal: { ...real, step: scarce(real.step), state: scarce(real.state), end: scarce(real.end) },
      clock,
      newId: () => 'run1',
      async perform(step) {
        did.push('key' in step ? `${step.key}${'value' in step ? ` ${step.value}` : ''}` : step.kind)
        if (step.kind === 'fail') throw new Failure('test.broken', 'broke', { why: 'asked to', fix: 'none' })
      },
    })
    engine.on(event => event.type === 'line' && said.push(event.text))
    assert.equal(await engine.ended(engine.start(wanted, 'anna')), outcome)
    assert.deepEqual(
      did,
      wanted === good
        ? ['green up', 'edge green', 'blue stopped']
        : ['green up', 'edge green', 'watch', 'edge blue', 'green none'],
    )
    assert.match(said[0]!, /the disk is full, and the journal cannot be written/)
    assert.deepEqual(real.unfinished(), [])
  }
})

test('a second plan on the same lock is told who holds it since when, and changes nothing', async () => {
  const m = machine()
  const first = m.engine.start(plan([{ does: { kind: 'wait' }, undo: null }]), 'anna')
  assert.throws(
    () => m.engine.start(good, 'ben'),
    (error: Failure) =>
      error.code === 'run.locked' && error.why.includes('anna') && error.facts['run'] === first,
  )
  m.engine.cancel(first)
  await m.engine.ended(first)
  assert.equal(await m.engine.ended(m.engine.start(good, 'ben')), 'done')
})

test('a cancelled run undoes what it did and gives its lock back', async () => {
  const m = machine()
  const id = m.engine.start(
    plan([
      { does: put('green', 'up'), undo: put('green', 'none') },
      { does: { kind: 'wait' }, undo: null },
    ]),
    'anna',
  )
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(m.engine.cancel(id), true)
  assert.equal(await m.engine.ended(id), 'undone')
  assert.equal(m.world.get('green'), 'none')
  assert.equal(m.engine.cancel(id), false)
})

test('an undo that fails leaves the run stuck and says what is left to do by hand', async () => {
  const m = machine()
  const stuck = plan([
    { does: put('green', 'up'), undo: { kind: 'fail', key: 'undoing' } },
    { does: { kind: 'fail', key: 'boot' }, undo: null },
  ])
  assert.equal(await runThrough(m, stuck), 'stuck')
  assert.deepEqual(m.journal.read('run1')!.leftover, ['undoing broke: asked to', 'none'])
})

test('a cleanup that fails is reported as left over; the result holds', async () => {
  const m = machine()
  const half = plan(
    [{ does: put('edge', 'green'), undo: null }],
    [{ kind: 'fail', key: 'prune' }, put('blue', 'stopped')],
  )
  assert.equal(await runThrough(m, half), 'done-but')
  assert.equal(m.world.get('blue'), 'stopped')
})

test('what has ended is known by the journal alone: the engine does not grow with each run', async () => {
  const store = openStore(':memory:')
  const engine = createEngine<Put>({
    journal: sqliteJournal(store.raw),
    clock,
    newId: () => 'only',
    perform: async () => {},
  })
  const id = engine.start(plan([]), 'anna')
  assert.equal(await engine.ended(id), 'done')
  assert.equal(await engine.ended(id), 'done', 'from the journal')
  store.raw.exec('delete from run')
  await assert.rejects(engine.ended(id), { code: 'run.unknown' })
})
