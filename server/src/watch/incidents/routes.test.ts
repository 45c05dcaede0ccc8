import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { openStore } from '../../db/db.ts'
import { Failure } from '../../kernel/failure.ts'
import { world } from './incidents.fixture.ts'
import { createIncidents } from './incidents.ts'
import { incidentRoutes } from './routes.ts'
import { incidentStore } from './store.ts'
import { updateStore } from './updates.ts'
import type { IncidentDetail, IncidentList } from './wire.ts'

async function server(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const audited: string[] = []
  let now = Date.parse('2026-11-30T10:00:00Z')
  let ids = 0
  const at = () => now++
  const incidents = createIncidents({
    store: { ...incidentStore(store), ...updateStore(store) },
    components: async () => ['Booking'],
    alerts: {
      world: async () => world([]),
      list: async () => [],
      causes: async () => [],
      acknowledge: async () => [],
    },
    runs: () => [],
    acts: async () => [
      ...[
        {
          id: 5,
          at: new Date(now).toISOString(),
          actor: 'otto',
          action: 'run',
          app: 'shop',
          run: null,
          detail: 'psql',
          outcome: 'done',
        },
      ],
    ],
    told: async () => [],
    traffic: { between: async () => ({ requests: 10, errors: 1 }), errors: async () => [] },
    clock: { now: at, sleep: async () => {} },
    newId: () => `n${ids++}`,
  })
  const crowd = peopleOf({
    ...{ anna: 'admin', vera: 'viewer' },
    otto: { apps: { shop: 'operator' } },
    bob: { apps: { bar: 'operator' } },
  })
  const api = await apiWith(t, crowd, app =>
    incidentRoutes(app, {
      incidents,
      async knownApp(name) {
        if (name !== 'shop' && name !== 'bar')
          throw new Failure('app.unknown', `no app ${name}`, { why: 'x', fix: 'x' })
      },
      audit: { write: async ({ actor, action, detail }) => audited.push(`${actor} ${action} ${detail}`) },
    }),
  )
  const ask = async (as: string, method: 'GET' | 'POST', url: string, payload?: object) => {
    const headers = { cookie: as, host: 'keeper', origin: 'http://keeper' }
    const answer = await api.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
    const body = answer.json()
    return { status: answer.statusCode, body, code: body.failure?.code as string | undefined }
  }
  return { ask, audited, incidents }
}

test('an incident is opened, taken in hand, noted in and resolved by who may change its app, and written down', async t => {
  const { ask, audited } = await server(t)
  const opened = await ask('otto', 'POST', '/api/incidents', { app: 'shop', title: ' cards are refused ' })
  assert.deepEqual(
    [opened.body.id, opened.body.title, opened.body.severity],
    [1, 'cards are refused', 'major'],
  )
  assert.equal((await ask('otto', 'POST', '/api/incidents/1/ack', {})).body.lead, 'otto')
  await ask('otto', 'POST', '/api/incidents/1/note', { note: 'the provider looks' })
  await ask('otto', 'POST', '/api/incidents/1/set', { severity: 'critical' })
  const todo = await ask('otto', 'POST', '/api/incidents/1/follow-ups', {
    what: 'alert',
    dueAt: '2026-12-14T00:00:00Z',
  })
  assert.equal(todo.body.id, 1)
  const ended = await ask('otto', 'POST', '/api/incidents/1/resolve', { note: 'new key' })
  assert.deepEqual([ended.body.state, ended.body.resolved.by], ['resolved', 'otto'])
  assert.match((await ask('otto', 'GET', '/api/incidents/1/review')).body.markdown, /the provider looks/)
  assert.equal((await ask('otto', 'POST', '/api/follow-ups/1/done', {})).body.done.by, 'otto')
  assert.deepEqual(audited, [
    'otto incident open 1: cards are refused',
    'otto incident ack 1: cards are refused',
    'otto incident note 1: cards are refused',
    'otto incident set 1: cards are refused',
    'otto incident follow-up alert',
    'otto incident resolve 1: cards are refused',
    'otto incident done alert',
  ])
  const list = (await ask('vera', 'GET', '/api/incidents')).body as IncidentList
  assert.deepEqual([list.incidents.length, list.months[0]!.month, list.followUps], [1, '2026-11', []])
})

test('whoever has no role in an app learns nothing of its incidents, and changes none of the server', async t => {
  const { ask } = await server(t)
  await ask('anna', 'POST', '/api/incidents', { app: 'shop', title: 'x' })
  await ask('anna', 'POST', '/api/incidents', { title: 'the disk' })
  assert.deepEqual((await ask('bob', 'GET', '/api/incidents')).body.incidents, [])
  for (const [method, url, body] of [
    ['GET', '/api/incidents/1'],
    ['GET', '/api/incidents/2'],
    ['GET', '/api/incidents/1/review'],
    ['POST', '/api/incidents/1/ack', {}],
    ['POST', '/api/incidents/1/note', { note: 'x' }],
    ['POST', '/api/incidents/2/resolve', {}],
    ['POST', '/api/incidents/1/follow-ups', { what: 'x', dueAt: '2026-12-14T00:00:00Z' }],
    ['POST', '/api/incidents', { app: 'shop', title: 'x' }],
    ['POST', '/api/incidents', { title: 'x' }],
  ] as const)
    assert.equal((await ask('bob', method, url, body)).status, 403, `${method} ${url}`)
  assert.equal((await ask('vera', 'POST', '/api/incidents/1/ack', {})).status, 403)
})

test('commands with what they printed are for those who may run some', async t => {
  const { ask, incidents } = await server(t)
  await ask('anna', 'POST', '/api/incidents', { app: 'shop', title: 'x' })
  await incidents.printed(5, 'anna@example.com')
  const seen = async (as: string) =>
    ((await ask(as, 'GET', '/api/incidents/1')).body as IncidentDetail).timeline.find(
      ({ kind }) => kind === 'command',
    )
  assert.deepEqual([(await seen('otto'))!.detail, await seen('vera')], ['anna@example.com', undefined])
  assert.equal((await ask('vera', 'GET', '/api/incidents/1/review')).status, 403)
})

test('what cannot be is refused, with its reason', async t => {
  const { ask } = await server(t)
  const codes = async (url: string, body: object) => (await ask('anna', 'POST', url, body)).code
  assert.equal(await codes('/api/incidents', { app: 'nobody', title: 'x' }), 'app.unknown')
  assert.equal(await codes('/api/incidents', { title: '  ' }), 'request.invalid')
  assert.equal(await codes('/api/incidents/9/ack', {}), 'incident.unknown')
  assert.equal(await codes('/api/incidents/x/ack', {}), 'request.invalid')
  assert.equal(await codes('/api/follow-ups/9/done', {}), 'follow-up.unknown')
  await ask('anna', 'POST', '/api/incidents', { title: 'x' })
  assert.equal(await codes('/api/incidents/1/set', {}), 'request.invalid')
  await ask('anna', 'POST', '/api/incidents/1/resolve', {})
  assert.equal(await codes('/api/incidents/1/resolve', {}), 'incident.resolved')
  assert.equal(await codes('/api/incidents/1/ack', {}), 'incident.resolved')
})
