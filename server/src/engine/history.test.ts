import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../db/db.ts'
import { runHistory } from './history.ts'
import type { Plan } from './plan.ts'

import { sqliteJournal } from './sqlite-journal.ts'
import type { Outcome } from './wire.ts'

const { raw } = openStore(':memory:')
const journal = sqliteJournal(raw)
const { runs, runHeads, openRun, stuckRuns } = runHistory(raw, journal)

const plan = (kind: string, app: string | null): Plan => ({
  kind,
  title: kind,
  app,
  release: null,
  locks: [],
  steps: [],
  cleanup: [],
  notices: [],
})
let at = 0
const open = (id: string, kind: string, app: string | null): void => {
  assert.equal(journal.open({ id, plan: plan(kind, app), actor: 'anna', startedAt: ++at }), null)
}
const end = (id: string, outcome: Outcome = 'done'): void =>
  journal.end(id, { outcome, leftover: [], endedAt: ++at })
const ids = (app: string | null, limit = 10): string[] => runs(app, limit).map(row => row.id)

test('runs come newest first; those of an app leave out what the keeper does by itself', () => {
  open('one', 'deploy', 'shop')
  open('two', 'retire', 'shop')
  open('three', 'deploy', 'bar')
  open('four', 'backup', null)
  assert.deepEqual(ids(null), ['four', 'three', 'two', 'one'])
  assert.deepEqual(ids(null, 2), ['four', 'three'])
  assert.deepEqual(ids('shop'), ['one'])
})

test('runs in short are those that began in a time, newest first', () => {
  assert.deepEqual(runHeads(2, 3, 10), [
    {
      ...{ id: 'three', kind: 'deploy', app: 'bar', title: 'deploy', actor: 'anna' },
      ...{ outcome: null, startedAt: 3 },
    },
    { id: 'two', kind: 'retire', app: 'shop', title: 'retire', actor: 'anna', outcome: null, startedAt: 2 },
  ])
  assert.deepEqual(
    runHeads(0, 9, 1).map(({ id }) => id),
    ['four'],
  )
})

test('the run under way of an app is the one that has not ended', () => {
  assert.equal(openRun('shop'), 'one')
  end('one')
  assert.equal(openRun('shop'), null, 'what is retired holds nobody up')
  assert.equal(openRun('bar'), 'three')
  assert.equal(openRun('none'), null)
})

test('a run that is stuck is one until another of its app has ended, or of its kind where it has no app', () => {
  const stuck = () => stuckRuns().map(row => row.id)
  for (const [id, kind, app] of [
    ['first', 'deploy', 'stay'],
    ['of all', 'backup', null],
  ] as const) {
    open(id, kind, app)
    end(id, 'stuck')
  }
  open('another', 'deploy', 'elsewhere')
  end('another')
  open('quiet', 'retire', 'stay')
  end('quiet')
  open('drill', 'drill', null)
  end('drill')
  open('again', 'deploy', 'stay')
  assert.deepEqual(stuck(), ['first', 'of all'])
  end('again', 'undone')
  open('later', 'backup', null)
  end('later')
  assert.deepEqual(stuck(), [])
})
