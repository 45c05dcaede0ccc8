import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunSummary } from '../server/src/engine/wire.ts'
import type { IncidentDetail, IncidentList, IncidentView } from '../server/src/watch/incidents/wire.ts'
import type { WalkSummary, WalkView } from '../server/src/watch/runbooks/wire.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { good } from './kit/proof.ts'
import { makeServer, type Server } from './kit/server.ts'
import { begin, rests } from './kit/walks.ts'

/**
 * The keeper is killed with -9 around each act of a person: so many milliseconds after it was asked, or right after it
 * answered (null). A write takes about one; a command about 400 to ask the keeper for something. What a person then finds
 * they do not do again; what is not there, they do.
 */
const MOMENTS = [
  { ms: 0, commandMs: 50 },
  { ms: 3, commandMs: 350 },
  { ms: 12, commandMs: 600 },
  { ms: null, commandMs: 900 },
]

const NAME = 't-killed'
const BOOK = `# Rows are missing

## Look

\`\`\`inn
inn status <app>
\`\`\`

\`\`\`inn sql
select pg_sleep(0.3), 1 as seen
\`\`\`

## Is it bad?

## Mend

\`\`\`inn
inn restart <app>
\`\`\`

## Say so

Tell everybody.
`
const [LOOK, CHECK, ASKED, MEND, SAY] = [0, 1, 2, 3, 4] as const

let server: Server
before(async () => {
  server = await makeServer({ http: true })
  const app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(
      NAME,
      'domains: [killed.example]\ndatabase: { postgres: true }\nstatusPage: { domain: status.killed.example, components: { Booking: web } }\n',
    ),
    'server.js': serverJs('v1'),
    'runbooks/rows.md': BOOK,
  })
  good(await app.deploy())
})
after(() => server?.remove())

const back = () => server.status()

/** Asks, and kills the keeper around that. */
async function killedAt(ms: number | null, ask: () => Promise<unknown>): Promise<void> {
  const asked = ask().catch(() => null)
  await (ms === null ? asked : sleep(ms))
  await server.killKeeper()
  await asked
  await back()
}

/** Asks with a kill, looks, and asks again where nothing came of it. */
async function certainly(
  ms: number | null,
  ask: () => Promise<unknown>,
  isThere: () => Promise<boolean>,
): Promise<void> {
  await killedAt(ms, ask)
  if (!(await isThere())) await ask()
  assert.ok(await isThere())
}

const act = (id: number, item: number, what: string) =>
  server.client.post<WalkView>(`/api/walks/${id}/act`, { item, act: what, values: {} })
const walksOf = async () => await server.client.get<WalkSummary[]>('/api/walks')
const restarts = async () =>
  (await server.client.get<RunSummary[]>(`/api/apps/${NAME}/runs`)).filter(({ title }) =>
    /restart/.test(title),
  )

for (const { ms, commandMs } of MOMENTS) {
  const when = ms === null ? 'right after it answered' : `${ms} ms after it was asked`
  test(`no act of an incident is lost or done twice, with the keeper killed ${when}`, async () => {
    const title = `cards are refused, ${when}`
    const all = async () =>
      (await server.client.get<IncidentList>('/api/incidents')).incidents.filter(one => one.title === title)
    await certainly(
      ms,
      () => server.client.post('/api/incidents', { app: NAME, title }),
      async () => (await all()).length > 0,
    )
    const { id } = (await all())[0]!
    const detail = () => server.client.get<IncidentDetail>(`/api/incidents/${id}`)
    const post = (what: string, body = {}) =>
      server.client.post<IncidentView>(`/api/incidents/${id}/${what}`, body)
    const says = (text: string) => async () => (await detail()).timeline.some(({ what }) => what === text)
    await certainly(ms, () => post('note', { note: 'the provider looks' }), says('the provider looks'))
    await certainly(
      ms,
      () => post('ack'),
      async () => (await detail()).acknowledged !== null,
    )
    await certainly(
      ms,
      () => post('update', { say: 'Cards are refused.', components: ['Booking'] }),
      async () => (await detail()).updates.length > 0,
    )
    await certainly(
      ms,
      () => post('resolve', { note: 'a new key' }),
      async () => (await detail()).resolved !== null,
    )
    const review = () => server.client.get<{ markdown: string }>(`/api/incidents/${id}/review`)
    await killedAt(ms, review)
    for (const part of [/the provider looks/, /Cards are refused\./, /a new key/])
      assert.match((await review()).markdown, part)
    const { timeline, updates, lead } = await detail()
    const counted = (text: RegExp) => timeline.filter(({ what }) => text.test(what)).length
    assert.deepEqual(
      [/^opened/, /^the provider/, /^in hand/, /^said in public/, /^a new key/, /^resolved/].map(counted),
      [1, 1, 1, 1, 1, 1],
    )
    assert.deepEqual([(await all()).length, updates.length, lead !== null], [1, 1, true])
  })

  test(`no step of a runbook is lost or done twice, with the keeper killed ${when}`, async () => {
    const before = { walks: (await walksOf()).length, restarts: (await restarts()).length }
    const opened = await server.client.post<IncidentView>('/api/incidents', { app: NAME, title: 'rows' })
    const there = async () => (await walksOf()).length > before.walks
    // What looks begins by itself: it is under way when the keeper is killed.
    await certainly(ms, () => begin(server.client, 'rows', NAME), there)
    const { id } = (await walksOf())[0]!
    const walk = await looked(id, commandMs)
    assert.deepEqual([walk.next, walk.acts], [ASKED, ['yes', 'no']])
    const state = async (item: number) => (await rests(server.client, id)).items[item]!.state
    await certainly(
      ms,
      () => act(id, ASKED, 'yes'),
      async () => (await state(ASKED)) === 'yes',
    )
    // It waits to be confirmed, and nothing of it begins.
    await killedAt(ms, back)
    assert.deepEqual([await state(MEND), (await restarts()).length], ['pending', before.restarts])
    await mended(id, commandMs, before.restarts)
    await killedAt(ms, () => act(id, SAY, 'do'))
    const last = await rests(server.client, id)
    if (last.state === 'open') await act(id, SAY, 'do')
    const ended = await rests(server.client, id)
    assert.deepEqual([ended.state, ended.next], ['done', null])
    assert.equal((await restarts()).length, before.restarts + 1)
    assert.equal((await walksOf()).length, before.walks + 1)
    const { timeline } = await server.client.get<IncidentDetail>(`/api/incidents/${opened.id}`)
    const told = timeline.flatMap(
      ({ what }) => (/^runbook rows: (.*?)(: left out)?$/.exec(what) ?? [])[1] ?? [],
    )
    const steps = [`inn restart ${NAME}`, `inn status ${NAME}`, 'Is it bad? Yes', 'Say so']
    assert.deepEqual(told.filter(one => !one.startsWith('select')).sort(), steps.sort())
    assert.equal(told.length, ended.items.length)
    await server.client.post(`/api/incidents/${opened.id}/resolve`, {})
  })
}

/** What looks is done again where nobody knows what came of it; the check is killed while it reads. */
async function looked(id: number, ms: number): Promise<WalkView> {
  for (let cut = false; ; ) {
    const walk = await rests(server.client, id)
    if (walk.next !== LOOK && walk.next !== CHECK) return walk
    assert.notEqual(walk.items[walk.next]!.state, 'failed', walk.items[walk.next]!.output ?? '')
    const again = () => act(id, walk.next!, 'do')
    if (walk.next === CHECK && !cut) await killedAt(ms, again)
    else await again()
    cut ||= walk.next === CHECK
  }
}

/** Killed while it changes something. Of a restart that began, the journal knows: a person looks there first. */
async function mended(id: number, ms: number, before: number): Promise<void> {
  await killedAt(ms, () => act(id, MEND, 'do'))
  for (;;) {
    const walk = await rests(server.client, id)
    if (walk.next !== MEND) return
    const begun = (await restarts()).length > before
    await act(id, MEND, begun ? 'skip' : 'do')
  }
}
