import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { iso } from '../../kernel/moments.ts'
import type { AuditEntry } from '../../reach/audit/wire.ts'
import type { Alert } from '../alerts/alert.ts'
import { alert, MINUTE, NOW, world } from './incidents.fixture.ts'
import { createIncidents } from './incidents.ts'
import { incidentStore } from './store.ts'
import type { Told } from './timeline.ts'
import { updateStore } from './updates.ts'

function server(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const kept = { ...incidentStore(store), ...updateStore(store) }
  const state = {
    now: NOW,
    alerts: [] as Alert[],
    acked: [] as string[],
    acts: [] as AuditEntry[],
    told: [] as Told[],
    errors: [] as number[],
    dies: false,
    causes: [] as string[],
    components: ['Booking', 'Website'] as string[] | null,
  }
  let ids = 0
  const make = () =>
    createIncidents({
      store: {
        ...kept,
        async keep(id, entries) {
          if (state.dies) throw new Error('killed')
          return kept.keep(id, entries)
        },
      },
      alerts: {
        world: async () => world(state.alerts, { now: state.now }),
        list: async () => state.alerts,
        causes: async () => state.causes,
        async acknowledge(which, by) {
          const own = state.alerts.filter(which)
          state.acked.push(...own.map(({ occurrence }) => `${occurrence} ${by}`))
          return own
        },
      },
      runs: () => [],
      acts: async () => state.acts,
      components: async () => state.components,
      told: async occurrences => (occurrences.length === 0 ? [] : state.told),
      traffic: {
        between: async (_, from, to) => ({ requests: (to - from) / 1_000, errors: 7 }),
        errors: async (_, from, to) => state.errors.filter(at => at >= from && at <= to),
      },
      clock: { now: () => state.now, sleep: async () => {} },
      newId: () => `n${ids++}`,
    })
  const lines = async (incidents: ReturnType<typeof make>, id: number) =>
    (await incidents.timeline(id)).map(({ what, who }) => `${what}${who === null ? '' : ` (${who})`}`)
  /** From here on nothing of an act is written that comes after its first words: as if the keeper were killed there. */
  const cut = (table: string, what: string) =>
    store.raw.exec(`create trigger cut before ${what} on ${table} begin select raise(abort, 'killed'); end`)
  const whole = () => store.raw.exec('drop trigger cut')
  return { state, make, lines, cut, whole }
}

test('a critical alert opens one incident, and it ends with it; a keeper that is killed anywhere opens no second', async t => {
  const { state, make, lines } = server(t)
  state.alerts = [alert('app.down')]
  state.errors = [NOW - 80_000]
  state.dies = true
  await assert.rejects(make().tick(), /killed/)
  state.dies = false
  await make().tick()
  const incidents = make()
  const [one, ...others] = await incidents.list()
  assert.deepEqual([one!.app, one!.severity, one!.beganAt, others], ['shop', 'critical', NOW - 80_000, []])
  state.told = [{ id: 1, channel: 'ops', title: 'shop is down', at: NOW + 1 }]
  state.now += 5 * MINUTE
  state.alerts = [alert('app.down', { state: 'over', overAt: state.now })]
  await incidents.tick()
  state.now += 10 * MINUTE
  await incidents.tick()
  const ended = await incidents.known(one!.id)
  assert.deepEqual(ended.resolved, { by: 'keeper', at: NOW + 5 * MINUTE })
  // What it was made of is forgotten elsewhere, and stays here.
  state.alerts = []
  state.told = []
  state.now += 24 * 60 * MINUTE
  await make().tick()
  assert.deepEqual(await lines(make(), one!.id), [
    'critical: app.down is wrong',
    'opened, critical: app.down is wrong (keeper)',
    'ops was told: shop is down',
    'over: app.down is wrong',
    'resolved (keeper)',
  ])
  assert.deepEqual([ended.requests, ended.errors], [380, 7])
})

test('a person opens one, takes it in hand, writes in it, ends it, and asks for what is to be done', async t => {
  const { state, make, lines } = server(t)
  const incidents = make()
  const asked = {
    app: 'shop',
    title: 'cards are refused',
    severity: 'major',
    impact: null,
    lead: null,
  } as const
  state.causes = ['Error: no route to the provider']
  const { id } = await incidents.open(asked, 'anna')
  assert.deepEqual(
    (await incidents.alarms()).map(({ code }) => code),
    ['incident.open'],
  )
  // What goes wrong meanwhile belongs to it, and is in hand with it.
  state.alerts = [alert('AppErrors')]
  state.now += MINUTE
  await incidents.tick()
  const held = await incidents.acknowledge(id, 'otto')
  assert.deepEqual([held.acked?.by, held.lead, state.acked], ['otto', 'otto', ['o-AppErrors otto']])
  await incidents.change(id, { severity: 'critical' }, 'otto')
  await incidents.note(id, 'otto', 'the provider looks')
  state.acts = [
    ...[
      {
        id: 5,
        at: iso(state.now),
        actor: 'otto',
        action: 'run',
        app: 'shop',
        run: null,
        detail: 'psql',
        outcome: 'done',
      },
    ],
  ]
  await incidents.printed(5, '3 rows')
  state.now += MINUTE
  await incidents.resolve(id, 'otto', 'new key')
  await assert.rejects(incidents.resolve(id, 'otto', null), { code: 'incident.resolved' })
  await assert.rejects(incidents.note(99, 'otto', 'x'), { code: 'incident.unknown' })
  assert.deepEqual((await lines(incidents, id)).toSorted(), [
    'critical: AppErrors is wrong',
    'in hand (otto)',
    'new key (otto)',
    'opened, critical: cards are refused (anna)',
    'resolved (otto)',
    'run psql (otto)',
    'severity: critical (otto)',
    'the provider looks (otto)',
    'what the app said, and what changed last (keeper)',
  ])
  assert.equal((await incidents.timeline(id)).find(({ kind }) => kind === 'command')?.detail, '3 rows')
  const todo = await incidents.follow(id, 'alert on refusals', state.now + MINUTE, 'otto')
  assert.equal((await incidents.ofFollowUp(todo)).id, id)
  state.alerts = []
  state.now += 2 * MINUTE
  assert.deepEqual(
    (await incidents.alarms()).map(({ code }) => code),
    ['incident.follow-up'],
  )
  await incidents.done(todo, 'anna')
  assert.deepEqual([await incidents.alarms(), await incidents.followUps(null)], [[], []])
})

test('what is said in public is kept with its line of the timeline, and what a later word leaves out stays as it was', async t => {
  const { state, make, lines } = server(t)
  const incidents = make()
  const { id } = await incidents.open(
    { app: 'shop', title: 'disk of db-1 is full', severity: 'major', impact: null, lead: null },
    'anna',
  )
  const said = { as: null, title: null, components: null }
  await incidents.say(
    id,
    { ...said, say: 'Booking is slow.', title: 'Slow', components: ['Booking'] },
    'anna',
  )
  state.now += MINUTE
  await incidents.say(id, { ...said, say: 'It is better.', as: 'monitoring' }, 'otto')
  assert.deepEqual(
    (await incidents.updates(id)).map(({ as, say, components, by }) => [as, say, components, by]),
    [
      ['investigating', 'Booking is slow.', ['Booking'], 'anna'],
      ['monitoring', 'It is better.', ['Booking'], 'otto'],
    ],
  )
  assert.ok((await lines(incidents, id)).includes('said in public, monitoring: It is better. (otto)'))
  assert.deepEqual(
    (await incidents.inPublic('shop', 0)).map(one => one.id),
    [id],
  )
  assert.deepEqual(await incidents.inPublic('other', 0), [])
  const later = state.now + 100 * MINUTE
  assert.equal((await incidents.inPublic('shop', later)).length, 1, 'it goes on, however long ago')
  await incidents.say(id, { ...said, say: 'It is over.', as: 'resolved' }, 'anna')
  assert.deepEqual(await incidents.inPublic('shop', later), [])
  await assert.rejects(
    incidents.say(id, { ...said, say: 'x', components: ['Nothing'] }, 'anna'),
    /no component Nothing/,
  )
  state.components = null
  await assert.rejects(incidents.say(id, { ...said, say: 'x' }, 'anna'), /no status page/)
})

test('a keeper that is killed in an act has done all of it or nothing, so that who does it again says nothing twice', async t => {
  const { state, make, lines, cut, whole } = server(t)
  const asked = { app: 'shop', title: 'cards', severity: 'major', impact: null, lead: null } as const
  state.causes = ['Error: no route']
  cut('incident_entry', 'insert')
  await assert.rejects(make().open(asked, 'anna'), /killed/)
  assert.deepEqual(await make().list(), [])
  whole()
  const { id } = await make().open(asked, 'anna')

  cut('incident_entry', 'insert')
  await assert.rejects(make().change(id, { severity: 'critical', lead: 'otto' }, 'anna'), /killed/)
  assert.deepEqual([(await make().known(id)).severity, (await make().known(id)).lead], ['major', null])
  whole()
  cut('incident', 'update of lead')
  await assert.rejects(make().acknowledge(id, 'otto'), /killed/)
  assert.equal((await make().known(id)).acked, null)
  whole()
  cut('incident', 'update of resolved_at')
  await assert.rejects(make().resolve(id, 'otto', 'new key'), /killed/)
  whole()
  await make().resolve(id, 'otto', 'new key')
  assert.equal((await lines(make(), id)).filter(line => line === 'new key (otto)').length, 1)
})
