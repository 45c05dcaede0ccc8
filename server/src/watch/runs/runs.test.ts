import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { eventStreams } from '../../api/sse.ts'
import { begunRow } from '../../engine/journal.fixture.ts'
import type { RunRow } from '../../engine/journal.ts'
import type { EngineEvent } from '../../engine/run.ts'
import { views } from '../../engine/view.ts'
import { Failure } from '../../kernel/failure.ts'
import { runOutput } from './output.ts'
import { runRoutes } from './routes.ts'

const row = (id: string, more: Partial<RunRow> = {}, app: string | null = 'shop', kind = 'stop'): RunRow => {
  const plan = {
    kind,
    title: `stop ${app}`,
    app,
    release: null,
    locks: [],
    steps: [{ does: { kind: 'door.close' }, undo: { kind: 'door.open' } }],
    cleanup: [{ kind: 'door.open' }],
    notices: [],
  }
  const step = { phase: 'steps', index: 0, state: 'running', ms: null, note: null } as const
  return { ...begunRow(plan, id), steps: [step], ...more }
}
const ENDED = { state: 'ended', outcome: 'done', endedAt: 4_200 } as const

/** A journal with these runs, and an engine that takes back those that are named. */
async function keeper(t: TestContext, rows: RunRow[], cancels: readonly string[] = []) {
  const crowd = peopleOf({
    ...{ vera: 'viewer', otto: 'operator', bart: { role: null, apps: { bar: 'operator' } } },
    ci: { apps: { shop: 'operator' }, verbs: ['deploy'] },
    back: { apps: { shop: 'operator' }, verbs: ['rollback'] },
    tester: { apps: { shop: 'operator' }, verbs: ['promote'] },
  })
  const known = new Map(rows.map(one => [one.id, one]))
  const listeners = new Set<(event: EngineEvent) => void>()
  const engine = {
    on(listener: (event: EngineEvent) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    cancel: (id: string) => cancels.includes(id),
  }
  const emit = (event: EngineEvent) => {
    for (const listener of listeners) listener(event)
  }
  const written: unknown[] = []
  const asked: unknown[] = []
  const output = runOutput(engine)
  const api = await apiWith(t, crowd, app =>
    runRoutes(app, {
      journal: { read: id => known.get(id) ?? null },
      view: views({ 'door.close': () => 'close the door', 'door.open': () => 'open the door' }),
      engine,
      runs(app, limit) {
        asked.push([app, limit])
        return rows.filter(one => app === null || one.plan.app === app)
      },
      async knownApp(app) {
        if (app !== 'shop') throw new Failure('app.unknown', `no app ${app}`, { why: 'x', fix: 'x' })
      },
      output,
      audit: { write: async entry => written.push(entry) },
      events: eventStreams(crowd.people),
    }),
  )
  const ask = (url: string, cookie = 'vera') => api.inject({ url, headers: { cookie } })
  const undo = async (id: string, cookie = 'otto') => {
    const headers = { cookie, host: 'box.test', origin: 'http://box.test' }
    const answer = await api.inject({ method: 'POST', url: `/api/runs/${id}/undo`, headers })
    return { status: answer.statusCode, ...(answer.json() as { failure?: Record<string, string> }) }
  }
  return { ask, undo, emit, known, written, asked, listeners }
}

const eventsOf = (body: string) =>
  body
    .split('\n')
    .flatMap(text =>
      text.startsWith('data: ') ? [JSON.parse(text.slice(6)) as Record<string, unknown>] : [],
    )

test('whoever may not see an app sees none of its runs, and is not told that there are any', async t => {
  const own = row('b', { startedAt: 2 }, 'bar')
  const { ask, undo } = await keeper(t, [row('a'), own, row('c', {}, null)], ['a', 'b'])
  const all = (await ask('/api/runs', 'bart')).json() as Array<{ id: string }>
  assert.deepEqual(
    all.map(({ id }) => id),
    ['b'],
  )
  assert.equal((await ask('/api/runs/b', 'bart')).statusCode, 200)
  for (const url of ['/api/runs/a', '/api/runs/a/events', '/api/runs/c', '/api/runs/none'])
    assert.equal((await ask(url, 'bart')).json().failure.code, 'run.unknown', url)
  assert.deepEqual([(await undo('a', 'bart')).status, (await undo('b', 'bart')).status], [404, 200])
})

test('a token that is for deploys follows the runs of its app, and takes back no others', async t => {
  const deployed = row('promotion', {}, 'shop', 'deploy')
  const promotion = {
    ...deployed,
    plan: { ...deployed.plan, steps: [{ does: { kind: 'release.bring' }, undo: null }] },
  }
  const { ask, undo } = await keeper(
    t,
    [row('stop'), row('deploy', {}, 'shop', 'deploy'), promotion, row('switch', {}, 'shop', 'switch')],
    ['stop', 'deploy', 'promotion', 'switch'],
  )
  assert.equal((await ask('/api/runs/stop', 'ci')).statusCode, 200)
  assert.equal((await ask('/api/runs', 'ci')).statusCode, 403)
  const taken = async (who: string) => {
    const all = ['stop', 'deploy', 'promotion', 'switch'].map(id => undo(id, who))
    return (await Promise.all(all)).map(({ status }) => status)
  }
  assert.deepEqual(await taken('ci'), [403, 200, 403, 403])
  assert.deepEqual(await taken('back'), [403, 403, 403, 200])
  assert.deepEqual(await taken('tester'), [403, 403, 200, 403])
})

test('the last runs of all apps, and those of one, are listed without their steps', async t => {
  const { ask, asked } = await keeper(t, [row('a'), row('b', ENDED, 'bar')])
  const ids = async (url: string) => (await ask(url)).json().map((one: { id: string }) => one.id)
  assert.deepEqual(await ids('/api/runs'), ['a', 'b'])
  assert.deepEqual(await ids('/api/apps/bar/runs'), ['b'])
  assert.deepEqual(asked, [
    [null, 100],
    ['bar', 50],
  ])
  assert.equal((await ask('/api/apps/shpo/runs')).statusCode, 404, 'it never ran anything')
  const [first] = (await ask('/api/runs')).json()
  assert.deepEqual([first.title, first.steps], ['stop shop', undefined])
  assert.equal((await ask('/api/runs', 'nobody')).statusCode, 401)
})

test('one run is shown with the sentences of its steps; one that nobody knows is a failure', async t => {
  const { ask } = await keeper(t, [row('a')])
  const { steps } = (await ask('/api/runs/a')).json()
  assert.deepEqual(
    steps.map((step: { title: string; undo: string }) => [step.title, step.undo]),
    [['close the door', 'open the door']],
  )
  for (const url of ['/api/runs/none', '/api/runs/none/events']) {
    const answer = await ask(url)
    assert.deepEqual([answer.statusCode, answer.json().failure.code], [404, 'run.unknown'])
  }
})

test('whoever comes late gets the lines so far, the run, and the end when it has ended', async t => {
  const { ask, emit, known } = await keeper(t, [row('a'), row('b')])
  emit({ type: 'line', run: 'a', phase: 'steps', index: 0, text: 'one' })
  emit({ type: 'line', run: 'b', phase: 'steps', index: 0, text: 'of another' })
  known.set('a', row('a', ENDED))
  const events = eventsOf((await ask('/api/runs/a/events')).body)
  assert.deepEqual(events[0], { type: 'line', run: 'a', phase: 'steps', index: 0, text: 'one' })
  assert.deepEqual(
    events.slice(1).map(event => [event['type'], (event['run'] as { state: string }).state]),
    [['run', 'ended']],
  )
})

test('a run is followed to its end, without what belongs to others', async t => {
  const { ask, emit, known, listeners } = await keeper(t, [row('a'), row('b')])
  const answer = ask('/api/runs/a/events')
  while (listeners.size < 2) await new Promise(resolve => setTimeout(resolve, 5))
  emit({ type: 'line', run: 'b', phase: 'steps', index: 0, text: 'of another' })
  emit({ type: 'run', run: 'b' })
  emit({ type: 'line', run: 'a', phase: 'steps', index: 0, text: 'one' })
  known.set('a', row('a', { state: 'cleaning' }))
  emit({ type: 'run', run: 'a' })
  known.set('a', row('a', ENDED))
  emit({ type: 'run', run: 'a' })
  const events = eventsOf((await answer).body)
  const told = events.map(event =>
    event['type'] === 'line' ? event['text'] : (event['run'] as { state: string }).state,
  )
  assert.deepEqual(told, ['running', 'one', 'cleaning', 'ended'])
  assert.equal(listeners.size, 1, 'only the output is listening still')
})

test('taking back is written down with who asked, and takes more than looking', async t => {
  const { undo, written } = await keeper(t, [row('a')], ['a'])
  assert.equal((await undo('a', 'vera')).status, 403)
  assert.deepEqual(await undo('a'), { status: 200, accepted: true })
  assert.deepEqual(written, [
    { actor: 'otto', action: 'undo', app: 'shop', run: 'a', detail: 'take back: stop shop' },
  ])
})

test('a run that cannot be taken back says why, and what helps instead', async t => {
  const { undo, written } = await keeper(t, [
    row('ended', ENDED),
    row('undoing', { state: 'undoing' }),
    row('cleaning', { state: 'cleaning' }),
    row('none', ENDED, null, 'verify'),
    row('deploy', ENDED, 'shop', 'deploy'),
    row('restore', ENDED, 'shop', 'restore'),
    row('backup', ENDED, 'shop', 'backup'),
    row('undone', { ...ENDED, outcome: 'undone' }, 'shop', 'deploy'),
  ])
  const told = async (id: string) => {
    const { status, failure } = await undo(id)
    assert.deepEqual([status, failure!['code']], [409, 'run.past-return'])
    return [failure!['why'], failure!['fix']]
  }
  const [done, start, nothing] = ['it ended: done', '`inn start shop` starts it again', 'nothing to do']
  assert.deepEqual(await told('ended'), [done, start])
  assert.deepEqual(await told('undoing'), ['it is being taken back already', nothing])
  assert.deepEqual(await told('cleaning'), [
    'what it was begun for is done, and what is left is clean-up',
    start,
  ])
  assert.deepEqual(await told('none'), [done, nothing])
  assert.deepEqual(await told('deploy'), [done, '`inn rollback shop` returns to the release before'])
  assert.deepEqual(await told('restore'), [done, '`inn restore undo shop` returns to the data before'])
  assert.deepEqual(await told('backup'), [done, nothing])
  assert.deepEqual(await told('undone'), ['it ended: undone', nothing])
  assert.deepEqual(written, [])
})

test('the output of a run is kept as far as 5,000 lines, and of the twenty latest runs', () => {
  let emit: (event: EngineEvent) => void = () => {}
  const output = runOutput({
    on(listener) {
      emit = listener
      return () => {}
    },
  })
  const line = (run: string, text: string) => emit({ type: 'line', run, phase: 'cleanup', index: 3, text })
  emit({ type: 'run', run: 'a' })
  assert.deepEqual(output.of('a'), [])
  for (let n = 0; n < 5_001; n++) line('a', String(n))
  assert.deepEqual(output.of('a').at(-1), { phase: 'cleanup', index: 3, text: '4999' })
  for (let n = 1; n < 20; n++) line(`r${n}`, 'x')
  assert.equal(output.of('a').length, 5_000)
  line('r20', 'x')
  assert.deepEqual([output.of('a').length, output.of('r1').length, output.of('r20').length], [0, 1, 1])
})
