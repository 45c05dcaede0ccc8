import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Client } from '../../cli/client.ts'
import { openSession } from './cli-session.ts'

const HOUR_MS = 3_600_000

/** A keeper that lends a token for an hour, and says of whom each client is. */
function keeper(verbs: string[] | null = null) {
  const did: string[] = []
  let now = 0
  let made = 0
  const state = { away: false }
  const client = {
    get: async () => {
      if (state.away) throw new Error('away')
      return { verbs }
    },
    post: async (path: string) => {
      did.push(`POST ${path}`)
      return { secret: `inn_${++made}`, endsAt: new Date(now + HOUR_MS).toISOString() }
    },
  } as unknown as Client
  const as = (token: string | null, headers: object) =>
    ({
      of: `${token} for ${Object.values(headers).join()}`,
      delete: async (path: string) => void did.push(`DELETE ${path} by ${token}`),
    }) as unknown as Client
  const session = openSession({ client, as }, () => now)
  const of = async (tool: string) => ((await session.as(tool)) as unknown as { of: string }).of
  return { session, of, did, state, go: (ms: number) => (now += ms) }
}

test('one token is asked for when it is needed, and another one before it ends', async () => {
  const { session, of, did, go } = keeper()
  assert.deepEqual(did, [])
  const both = await Promise.all([of('read_logs'), of('read_runs')])
  assert.deepEqual(both, ['inn_1 for read_logs', 'inn_1 for read_runs'])
  go(HOUR_MS - 60_000)
  assert.equal(await of('read_logs'), 'inn_2 for read_logs')
  session.lost()
  assert.equal(await of('read_logs'), 'inn_3 for read_logs')
  await session.end()
  assert.deepEqual(did.slice(3), ['DELETE /api/assistant by inn_3'])
})

test('a keeper that was away is asked again', async () => {
  const { of, state } = keeper()
  state.away = true
  await assert.rejects(of('read_status'))
  state.away = false
  assert.equal(await of('read_status'), 'inn_1 for read_status')
})

test('whoever comes with the token of an assistant goes on with it, and leaves it as it is', async () => {
  const { session, of, did } = keeper(['read', 'propose'])
  assert.equal(await of('read_status'), 'null for read_status')
  await session.end()
  assert.deepEqual(did, [])
})
