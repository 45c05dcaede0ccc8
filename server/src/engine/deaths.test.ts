import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../db/db.ts'
import { Failure } from '../kernel/failure.ts'
import { createEngine } from './engine.ts'
import type { Plan } from './plan.ts'
import { PowerCut } from './run.ts'
import { sqliteJournal } from './sqlite-journal.ts'

type Put = { kind: 'put'; key: string; value: string } | { kind: 'fail'; key: string }

const put = (key: string, value: string): Put => ({ kind: 'put', key, value })
const clock = { now: () => 1_000, sleep: async () => {} }

function plan(steps: Plan<Put>['steps'], cleanup: Put[] = []): Plan<Put> {
  return { kind: 'test', title: 'a test', app: 'shop', release: null, locks: [], steps, cleanup, notices: [] }
}

/** Starts an engine again and again on one journal; a step named `kills` ends it before anything more is written. */
function mortal(wanted: Plan<Put>, { clean = false } = {}) {
  const journal = sqliteJournal(openStore(':memory:').raw)
  const world = new Map<string, string>()
  const boot = () => {
    let dead = false
    const alive =
      <A extends unknown[], R>(write: (...args: A) => R) =>
      (...args: A): R => {
        if (dead) throw new PowerCut('dead')
        return write(...args)
      }
    return createEngine<Put>({
      journal: {
        ...journal,
        step: alive(journal.step),
        state: alive(journal.state),
        end: alive(journal.end),
      },
      clock,
      newId: () => 'run1',
      perform: async step => {
        if (step.kind === 'put') world.set(step.key, step.value)
        if (step.kind !== 'fail') return
        if (step.key === 'breaks')
          throw new Failure('test.broken', 'it broke', { why: 'asked to', fix: 'none' })
        dead = true
        throw new PowerCut('the keeper dies of it')
      },
    })
  }
  const dies = async (engine: ReturnType<typeof boot>) => {
    await engine.ended('run1').catch(() => {})
    if (clean) engine.rest()
  }
  return {
    journal,
    world,
    async lives(times: number) {
      const first = boot()
      first.start(wanted, 'anna')
      await dies(first)
      for (let n = 1; n < times && journal.unfinished().length > 0; n++) {
        const next = boot()
        next.resume()
        await dies(next)
      }
      return journal.read('run1')!
    },
  }
}
const kills: Put = { kind: 'fail', key: 'kills' }

test('a step at which the keeper died twice in a row is not tried again: the run is taken back', async () => {
  const m = mortal(
    plan([
      { does: put('green', 'up'), undo: put('green', 'none') },
      { does: kills, undo: null },
    ]),
  )
  const { outcome, failure } = await m.lives(3)
  assert.deepEqual([outcome, failure?.code], ['undone', 'run.keeper-died'])
  assert.equal(m.world.get('green'), 'none')
})

test('an undo at which the keeper died twice leaves the run stuck; a cleanup is left over, and the rest is done', async () => {
  const undo = mortal(plan([{ does: { kind: 'fail', key: 'breaks' }, undo: kills }]))
  const stuck = await undo.lives(5)
  assert.equal(stuck.outcome, 'stuck')
  assert.match(stuck.leftover.join(), /the keeper died/)
  const cleanup = mortal(plan([{ does: put('edge', 'green'), undo: null }], [kills, put('blue', 'stopped')]))
  const left = await cleanup.lives(5)
  assert.equal(left.outcome, 'done-but')
  assert.match(left.leftover.join(), /the keeper died/)
  assert.equal(cleanup.world.get('blue'), 'stopped')
})

test('a keeper that is stopped and started has not died: its runs go on', async () => {
  const m = mortal(plan([{ does: kills, undo: null }]), { clean: true })
  assert.equal((await m.lives(6)).outcome, null)
})

test('deaths at different steps are none in a row', async () => {
  let deaths = 0
  const journal = sqliteJournal(openStore(':memory:').raw)
  const run = plan([1, 2, 3, 4].map(n => ({ does: put('n', String(n)), undo: put('n', 'none') })))
  const seen = new Set<string>()
  const boot = () => {
    let dead = false
    return createEngine<Put>({
      journal: {
        ...journal,
        step: (...args) => {
          if (dead) throw new PowerCut('dead')
          journal.step(...args)
        },
      },
      clock,
      newId: () => 'run1',
      perform: async step => {
        if (step.kind !== 'put' || seen.has(step.value)) return
        seen.add(step.value)
        dead = true
        deaths++
        throw new PowerCut('a kill in the middle of it')
      },
    })
  }
  boot().start(run, 'anna')
  for (let n = 0; n < 6 && journal.unfinished().length > 0; n++) {
    await new Promise(resolve => setImmediate(resolve))
    const next = boot()
    next.resume()
    await next.ended('run1').catch(() => {})
  }
  assert.deepEqual([journal.read('run1')!.outcome, deaths], ['done', 4])
})
