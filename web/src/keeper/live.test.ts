import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueryClient } from '@tanstack/react-query'
import { appOf, runOf, statusOf } from '../../../server/src/cli/stand-in.fixture.ts'
import { applyEvent } from './live.ts'

/** Queries that a page has, and which of them are to be asked again after an event. */
function page(data: unknown) {
  const client = new QueryClient()
  const keys = [
    ['status'],
    ['app', 'shop'],
    ['app', 'bar'],
    ['runs', 'shop'],
    ['runs', 'bar'],
    ['backup-runs'],
    ['releases', 'shop'],
    ['releases', 'bar'],
    ['traffic', 'shop'],
    ['backups'],
    ['drills', 'shop'],
    ['restores', 'shop'],
    ['people'],
  ]
  for (const key of keys) client.setQueryData(key, 'old')
  applyEvent(client, data)
  const asked = keys.filter(key => client.getQueryState(key)!.isInvalidated).map(key => key.join(' '))
  return { client, asked }
}

test('a status is known at once, for all apps and for each', () => {
  const status = statusOf(appOf('shop'), appOf('bar', { state: 'down' }))
  const { client, asked } = page({ type: 'status', status })
  assert.deepEqual(client.getQueryData(['status']), status)
  assert.deepEqual(client.getQueryData(['app', 'bar']), status.apps[1])
  assert.deepEqual(client.getQueryData(['app', 'shop']), status.apps[0])
  assert.deepEqual(asked, [])
})

test('a run that goes on changes the lists of runs, and nothing else', () => {
  const run = runOf({ state: 'running', outcome: null })
  const { client, asked } = page({ type: 'run', run })
  assert.deepEqual(client.getQueryData(['run', 'run-1']), run)
  assert.deepEqual(asked, ['runs shop', 'backup-runs'])
})

test('a run that has ended may have changed all of its app, and no other app', () => {
  const { asked } = page({ type: 'run', run: runOf() })
  assert.deepEqual(asked, [
    'status',
    'app shop',
    'runs shop',
    'backup-runs',
    'releases shop',
    'traffic shop',
    'backups',
    'drills shop',
    'restores shop',
  ])
})

test('an answer that was asked for before an event does not take back what the event brought', async () => {
  const client = new QueryClient()
  let answer: (run: unknown) => void = () => {}
  const asked = client.fetchQuery({
    queryKey: ['run', 'run-1'],
    queryFn: () => new Promise(resolve => (answer = resolve)),
  })
  applyEvent(client, { type: 'run', run: runOf() })
  answer(runOf({ state: 'running', outcome: null }))
  await asked.catch(() => {})
  const { data, fetchStatus } = client.getQueryState(['run', 'run-1'])!
  assert.deepEqual([data, fetchStatus], [runOf(), 'idle'])
})

test('an end stays, though the slower of two streams says later that the run goes on', () => {
  const client = new QueryClient()
  applyEvent(client, { type: 'run', run: runOf() })
  applyEvent(client, { type: 'run', run: runOf({ state: 'running', outcome: null }) })
  assert.deepEqual(client.getQueryData(['run', 'run-1']), runOf())
})

test('lines, and what a newer keeper says, change nothing', () => {
  const line = { type: 'line', run: 'run-1', phase: 'steps', index: 0, text: 'x' }
  for (const data of [line, { type: 'weather', sunny: true }, 'text', null, { type: 'status', status: {} }]) {
    const { client, asked } = page(data)
    assert.deepEqual([asked, client.getQueryData(['status'])], [[], 'old'])
  }
})
