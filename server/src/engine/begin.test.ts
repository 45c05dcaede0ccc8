import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../kernel/failure.ts'
import type { RunRow } from './journal.ts'
import type { Plan } from './plan.ts'
import { beginner } from './precedence.ts'

const plan = (kind: string): Plan => ({
  kind,
  title: kind,
  app: 'shop',
  release: null,
  locks: ['app:shop'],
  steps: [],
  cleanup: [],
  notices: [],
})
const locked = (run: string) =>
  new Failure('run.locked', 'another change is under way', { why: 'x', fix: 'x', facts: { run } })

/** An engine whose lock these runs hold, one after the other, until each has ended. */
function engine(
  holders: Array<{ id: string; kind: string }>,
  { cancels = true, other = null as Error | null } = {},
) {
  const did: string[] = []
  const begin = beginner({
    engine: {
      start(wanted, actor) {
        if (other !== null) throw other
        if (holders.length > 0) throw locked(holders[0]!.id)
        did.push(`start ${wanted.kind} for ${actor}`)
        return 'run-9'
      },
      cancel(id) {
        did.push(`cancel ${id}`)
        return cancels
      },
      async ended(id) {
        did.push(`wait for ${id}`)
        holders.shift()
        return 'done' as const
      },
    },
    journal: {
      read: id => {
        const found = holders.find(holder => holder.id === id)
        return found === undefined ? null : ({ plan: plan(found.kind) } as RunRow)
      },
    },
    precedences: [{ outranks: { restore: ['backup'] } }, { yields: ['drill'] }],
  })
  return { did, begin }
}

test('a plan begins when nobody holds its locks', async () => {
  const { begin, did } = engine([])
  assert.equal(await begin(plan('deploy'), 'anna'), 'run-9')
  assert.deepEqual(did, ['start deploy for anna'])
})

test('runs that give way are taken back and waited for, one after the other', async () => {
  const { begin, did } = engine([
    { id: 'a', kind: 'backup' },
    { id: 'b', kind: 'drill' },
  ])
  await begin(plan('restore'), 'anna')
  assert.deepEqual(did, ['cancel a', 'wait for a', 'cancel b', 'wait for b', 'start restore for anna'])
})

test('a run that does not give way stays, and who holds the lock is told', async () => {
  const { begin, did } = engine([{ id: 'a', kind: 'backup' }])
  await assert.rejects(begin(plan('deploy'), 'anna'), { code: 'run.locked' })
  assert.deepEqual(did, [])
})

test('no run gives way to one of its own kind', async () => {
  const { begin, did } = engine([{ id: 'a', kind: 'drill' }])
  await assert.rejects(begin(plan('drill'), 'anna'), { code: 'run.locked' })
  assert.deepEqual(did, [])
})

test('a run that cannot be taken back any more is not waited for', async () => {
  const { begin, did } = engine([{ id: 'a', kind: 'backup' }], { cancels: false })
  await assert.rejects(begin(plan('restore'), 'anna'), { code: 'run.locked' })
  assert.deepEqual(did, ['cancel a'])
})

test('another failure of the engine is passed on', async () => {
  const { begin } = engine([], { other: new Failure('disk.full', 'no room', { why: 'x', fix: 'x' }) })
  await assert.rejects(begin(plan('restore'), 'anna'), { code: 'disk.full' })
  const defect = engine([], { other: new TypeError('x is null') })
  await assert.rejects(defect.begin(plan('restore'), 'anna'), TypeError)
})
