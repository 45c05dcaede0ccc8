import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { apiWith, peopleOf } from './api.fixture.ts'
import { TOOL_HEADER } from './assistant.ts'
import { eventStreams } from './sse.ts'

const READS = { role: 'operator', verbs: ['read', 'propose'] } as const

async function doors(t: TestContext, write: (row: object, outcome: string) => Promise<unknown>) {
  const crowd = peopleOf({ mia: READS, board: { role: 'operator', verbs: ['read'] } })
  const events = eventStreams(crowd.people)
  const api = await apiWith(t, { people: crowd.people, audit: { write } }, app => {
    const said = async (request: { proposes: boolean }) => ({ proposes: request.proposes })
    app.get('/api/apps/:app/logs', { config: { permission: 'viewer' } }, said)
    app.get('/api/follow', { config: { permission: 'viewer' } }, async (request, reply) => {
      events(request as FastifyRequest, reply)
      return reply
    })
    app.post('/api/apps/:app/stop', { config: { permission: 'operator', proposal: true } }, said)
    app.post('/api/apps/:app/remove', { config: { permission: 'operator' } }, said)
  })
  return async (method: 'GET' | 'POST', url: string, token = 'mia', payload?: object) => {
    const headers = { authorization: `Bearer ${token}`, [TOOL_HEADER]: 'read_logs: {evil}' }
    const answer = await api.inject({ method, url, headers, ...(payload && { payload }) })
    const body = answer.json() as { proposes?: boolean; failure?: { code: string } }
    return [answer.statusCode, body.proposes ?? body.failure?.code]
  }
}

test('each call of an assistant is written down before it is answered, also one that is refused', async t => {
  const kept: unknown[] = []
  const ask = await doors(t, async (row, outcome) => kept.push({ ...row, outcome }))
  assert.deepEqual(await ask('GET', '/api/apps/shop/logs?lines=5'), [200, false])
  assert.deepEqual(await ask('POST', '/api/apps/shop/stop', 'mia', { plan: false }), [200, true])
  assert.deepEqual(await ask('POST', '/api/apps/shop/remove'), [403, 'access.forbidden'])
  assert.deepEqual(await ask('GET', '/api/apps/shop/logs', 'board'), [200, false])
  const row = (detail: string, outcome = 'done') => ({
    ...{ actor: 'mia', action: 'assistant', app: 'shop', outcome },
    detail: `read_logsevil: ${detail}`,
  })
  assert.deepEqual(kept, [
    row('GET /api/apps/shop/logs?lines=5'),
    row('POST /api/apps/shop/stop {"plan":false}'),
    row('POST /api/apps/shop/remove', 'refused'),
  ])
})

test('what cannot be written down is not answered, and nothing is followed', async t => {
  const broken = await doors(t, async () => {
    throw new Error('no room')
  })
  assert.deepEqual(await broken('GET', '/api/apps/shop/logs'), [500, 'audit.unwritten'])
  const ask = await doors(t, async () => {})
  assert.deepEqual(await ask('GET', '/api/follow'), [422, 'access.stream'])
})
