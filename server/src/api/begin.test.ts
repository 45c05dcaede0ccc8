import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { begunRow } from '../engine/journal.fixture.ts'
import type { Plan } from '../engine/plan.ts'
import { views } from '../engine/view.ts'
import { type Approval, ChangeAnswer } from '../engine/wire-change.ts'
import { Failure } from '../kernel/failure.ts'
import { answering } from './begin.ts'

const plan: Plan = {
  kind: 'stop',
  title: 'stop shop',
  app: 'shop',
  release: null,
  locks: ['app:shop'],
  steps: [{ does: { kind: 'door.close' }, undo: { kind: 'door.open' } }],
  cleanup: [{ kind: 'door.open' }],
  notices: ['visitors are refused'],
}
const view = views({ 'door.close': () => 'close the door', 'door.open': () => 'open the door' })
const request = {
  actor: { id: null, name: 'anna', email: null, role: 'admin' },
  proposes: false,
  routeOptions: { config: { permission: 'operator' } },
} as unknown as FastifyRequest

/** A keeper that begins, or refuses to. */
function keeper(refusal: Failure | null = null) {
  const did: unknown[] = []
  const row = begunRow(plan)
  const answer = answering({
    view,
    journal: { read: id => (id === 'run-1' ? row : null) },
    audit: { write: async entry => did.push(entry) },
    begin: async (begun, actor) => {
      did.push(`begin ${begun.title} for ${actor}`)
      if (refusal !== null) throw refusal
      return 'run-1'
    },
    ask: async ({ title }, { name, role, assistant }) => {
      did.push(`ask ${title} for ${name}${assistant ? ', an assistant' : ''}: takes ${role}`)
      return { id: 'a1' } as Approval
    },
  })
  return { answer, did }
}

test('with plan: the plan in its own sentences, and nothing is begun or written down', async () => {
  const { answer, did } = keeper()
  assert.deepEqual(ChangeAnswer.parse(await answer(request, { plan: true }, plan)), {
    plan: {
      title: 'stop shop',
      steps: [{ title: 'close the door', undo: 'open the door' }],
      cleanup: ['open the door'],
      notices: ['visitors are refused'],
    },
  })
  assert.deepEqual(did, [])
})

test('without: it is begun in the name of who asked, then written down, and the run is answered', async () => {
  const { answer, did } = keeper()
  const said = ChangeAnswer.parse(await answer(request, { plan: false }, plan)) as {
    run: { id: string; title: string }
  }
  assert.deepEqual([said.run.id, said.run.title], ['run-1', 'stop shop'])
  assert.deepEqual((said as unknown as { notices: string[] }).notices, ['visitors are refused'])
  assert.deepEqual(did, [
    'begin stop shop for anna',
    { actor: 'anna', action: 'stop', app: 'shop', run: 'run-1', detail: 'stop shop' },
  ])
})

test('what is refused is not written down as begun', async () => {
  const { answer, did } = keeper(
    new Failure('run.locked', 'another change is under way', { why: 'x', fix: 'x' }),
  )
  await assert.rejects(answer(request, { plan: false }, plan), { code: 'run.locked' })
  assert.deepEqual(did, ['begin stop shop for anna'])
})

test('what others must approve is kept, and nothing begins', async () => {
  const { answer, did } = keeper()
  const asked = await answer(request, { plan: false }, { ...plan, approvals: 1 })
  assert.deepEqual(asked, { approval: { id: 'a1' } })
  assert.deepEqual(did, [`ask ${plan.title} for anna: takes operator`])
})

test('what an assistant asks for is kept, whatever the plan says of approvals', async () => {
  const { answer, did } = keeper()
  const proposes = { ...request, proposes: true } as unknown as FastifyRequest
  assert.deepEqual(await answer(proposes, { plan: false }, plan), { approval: { id: 'a1' } })
  assert.deepEqual(did, [`ask ${plan.title} for anna, an assistant: takes operator`])
})
