import type { RunRow } from '../../engine/journal.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { AuditEntry } from '../../reach/audit/wire.ts'
import type { Alerts } from '../alerts/alerts.ts'
import { due } from './due.ts'
import type { Entry, Incident } from './incident.ts'
import { AFTER_MS, beganWith, decide, type Open } from './rule.ts'
import type { IncidentStore } from './store.ts'
import { entriesOf, type Told } from './timeline.ts'
import { type PublicIncident, type UpdateStore, updateOf } from './updates.ts'
import type { IncidentChange, IncidentRequest, UpdateRequest } from './wire.ts'

export interface IncidentPorts {
  store: IncidentStore & UpdateStore
  /** Components of the status page of an app, or none of all apps together; null: there is no page. */
  components(app: string | null): Promise<string[] | null>
  alerts: Pick<Alerts, 'world' | 'list' | 'causes' | 'acknowledge'>
  /** Runs of an app, newest first; null: of all. */
  runs(app: string | null): readonly RunRow[]
  /** What people did, newest first. */
  acts(app: string | null): Promise<AuditEntry[]>
  /** Messages about these occurrences of alerts that were delivered. */
  told(occurrences: readonly string[]): Promise<Told[]>
  traffic: {
    /** Requests to an app, or to all, and how many of them failed. */
    between(app: string | null, from: number, to: number): Promise<{ requests: number; errors: number }>
    /** Moments at which requests of an app failed. */
    errors(app: string, from: number, to: number): Promise<number[]>
  }
  clock: Clock
  newId(): string
}

export type Incidents = ReturnType<typeof createIncidents>

/** How long before an alert its first errors may lie. */
const BEGAN_MS = 30 * 60_000

/** What went wrong for people outside, from its beginning until everything is learned from it. */
export function createIncidents(ports: IncidentPorts) {
  const { store, alerts, clock } = ports
  // A tick and a person must not open or end one at the same time.
  const turn = inTurns()

  /** Opens, joins and ends incidents as critical alerts say. */
  async function follow(): Promise<void> {
    const world = await alerts.world()
    const decided = decide(
      world,
      await store.opened(),
      await store.taken(world.alerts.map(one => one.occurrence)),
    )
    for (const one of decided.open) if (one.app !== null) one.beganAt = await began(one.app, one.beganAt)
    await store.apply(decided)
    // A keeper that is killed here has not kept what the app said: the logs have it still.
    for (const { app, occurrences } of decided.open) {
      const made = (await store.opened()).find(one => one.occurrences.includes(occurrences[0]!))
      if (made !== undefined) await store.keep(made.id, await causesOf(app))
    }
  }

  async function causesOf(app: string | null): Promise<Entry[]> {
    const lines = app === null ? [] : await alerts.causes(app)
    if (lines.length === 0) return []
    const what = 'what the app said, and what changed last'
    const entry = { key: 'causes', at: clock.now(), kind: 'note' as const, who: 'keeper', what }
    return [{ ...entry, detail: lines.join('\n') }]
  }

  const began = async (app: string, since: number): Promise<number> =>
    beganWith(since, await ports.traffic.errors(app, since - BEGAN_MS, since))

  /** Writes down what happened since. What was delivered a little after the end belongs to it, too. */
  async function gather(incident: Open): Promise<void> {
    const { id, app, beganAt, resolved, occurrences } = incident
    const [all, acts, told, printed] = await Promise.all([
      alerts.list(),
      ports.acts(app),
      ports.told(occurrences),
      store.outputs(),
    ])
    const facts = { alerts: all, runs: ports.runs(app), acts, told, printed }
    await store.keep(id, [...entriesOf(incident, occurrences, facts), ...statesOf(incident)])
    await store.measured(id, await ports.traffic.between(app, beganAt, resolved?.at ?? clock.now()))
  }

  const known = async (id: number): Promise<Incident> => {
    const found = await store.find(id)
    if (found !== null) return found
    throw new Failure('incident.unknown', `there is no incident ${id}`, {
      why: 'it was mistyped',
      fix: '`inn incident` lists them',
    })
  }
  const noteOf = (by: string, what: string): Entry => ({
    ...{ key: `note:${ports.newId()}`, at: clock.now(), kind: 'note', who: by, what, detail: null },
  })
  const isOpen = ({ id, resolved }: Incident): void => {
    if (resolved === null) return
    throw new Failure('incident.resolved', `incident ${id} is resolved`, {
      why: `${resolved.by} said so`,
      fix: `\`inn incident note ${id} 'TEXT'\` adds to it; \`inn incident open 'TITLE'\` opens another one`,
    })
  }

  return {
    known,
    list: () => store.list(),
    followUps: (incident: number | null) => store.followUps(incident),

    /** Follows the alerts and gathers what happened; called by a timer. */
    tick: (): Promise<void> =>
      turn(async () => {
        await follow()
        // What is gathered stays, also when its alerts, messages and requests are forgotten elsewhere.
        for (const one of await store.opened(clock.now() - AFTER_MS)) await gather(one)
      }),

    /** The timeline as it is now, oldest first. */
    timeline: (id: number): Promise<Entry[]> =>
      turn(async () => {
        const young = (await store.opened(clock.now() - AFTER_MS)).find(one => one.id === id)
        if (young !== undefined) await gather(young)
        return store.timeline(id)
      }),

    open: ({ app, title, severity, impact, lead }: IncidentRequest, by: string): Promise<Incident> =>
      turn(async () => {
        const now = clock.now()
        const beganAt = app === null ? now : await began(app, now)
        const made = { app, title, severity, impact, lead, beganAt, openedAt: now, openedBy: by }
        return known(await store.open(made, await causesOf(app)))
      }),

    change: (id: number, change: IncidentChange, by: string): Promise<Incident> =>
      turn(async () => {
        await known(id)
        const notes = Object.entries(change).map(([name, value]) => noteOf(by, `${name}: ${value}`))
        await store.change(id, change, notes)
        return known(id)
      }),

    updates: (id: number) => store.updates(id),
    components: ports.components,

    /** Says something of it in public. Failure `incident.no-page`, `incident.component`. */
    say: (id: number, request: UpdateRequest, by: string): Promise<Incident> =>
      turn(async () => {
        const { app } = await known(id)
        const before = (await store.updates(id)).at(-1)
        const update = updateOf(request, before, await ports.components(app))
        await store.say(id, { ...update, at: clock.now(), by })
        return known(id)
      }),

    /** Incidents of an app and of the server of which something was said in public, newest first: those that go on there, or went on since a moment. */
    async inPublic(app: string, since: number): Promise<PublicIncident[]> {
      const found = await Promise.all(
        (await store.told(since)).map(async id => ({
          ...(await known(id)),
          updates: await store.updates(id),
        })),
      )
      const isShown = ({ resolved, updates }: PublicIncident): boolean => {
        const { as, at } = updates.at(-1)!
        return at >= since || resolved !== null || as !== 'resolved'
      }
      return found
        .filter(one => (one.app === null || one.app === app) && isShown(one))
        .sort((a, b) => b.id - a.id)
    },

    note: async (id: number, by: string, what: string): Promise<Incident> => {
      await known(id)
      await store.keep(id, [noteOf(by, what)])
      return known(id)
    },

    /** Says that somebody has it in hand, and all its alerts with it. Whoever does leads, if nobody does yet. */
    acknowledge: (id: number, by: string): Promise<Incident> =>
      turn(async () => {
        const found = await known(id)
        isOpen(found)
        const own = (await store.opened()).find(one => one.id === id)?.occurrences ?? []
        if (own.length > 0) await alerts.acknowledge(one => own.includes(one.occurrence), by)
        await store.acknowledge(id, found.acked ?? { by, at: clock.now() }, found.lead ?? by)
        return known(id)
      }),

    resolve: (id: number, by: string, said: string | null): Promise<Incident> =>
      turn(async () => {
        isOpen(await known(id))
        await store.resolve(id, { by, at: clock.now() }, said === null ? [] : [noteOf(by, said)])
        return known(id)
      }),

    async follow(id: number, what: string, dueAt: number, by: string): Promise<number> {
      await known(id)
      return store.follow({ incident: id, what, dueAt, by })
    },

    /** The incident to which something to do belongs. Failure `follow-up.unknown`. */
    async ofFollowUp(id: number): Promise<Incident> {
      const found = await store.findFollow(id)
      if (found !== null) return known(found.incident)
      throw new Failure('follow-up.unknown', `there is no follow-up ${id}`, {
        why: 'it was mistyped',
        fix: '`inn incident` lists what is to be done',
      })
    },
    done: (id: number, by: string): Promise<void> => store.done(id, { by, at: clock.now() }),

    /** Writes entries of somebody else's down; one of the same key becomes what it is now. */
    keep: (id: number, entries: readonly Entry[]): Promise<void> => store.keep(id, entries),
    /** Names of the alerts that belong to it, as far as they are still known. */
    async alertNames(id: number): Promise<Set<string>> {
      const own = (await store.opened()).find(one => one.id === id)?.occurrences ?? []
      const all = (await alerts.list()).filter(one => own.includes(one.occurrence))
      return new Set(all.map(({ labels }) => labels['alertname'] ?? ''))
    },
    /** The newest open one of an app; null: of the server. */
    newest: async (app: string | null): Promise<number | null> =>
      (await store.opened())
        .filter(one => one.app === app)
        .map(one => one.id)
        .sort((a, b) => b - a)
        .at(0) ?? null,
    /** Keeps the end of what a command printed while something is wrong with its app. */
    printed: (entry: number, text: string): Promise<void> => store.printed(entry, text, clock.now()),
    /** Whether something is wrong with an app now. */
    isOpen: async (app: string): Promise<boolean> =>
      (await store.opened()).some(one => one.app === null || one.app === app),

    async alarms(): Promise<Alarm[]> {
      const [opened, all, followUps] = await Promise.all([
        store.opened(),
        alerts.list(),
        store.followUps(null),
      ])
      return due({ opened, alerts: all, followUps }, clock.now())
    },
  }
}

/** What was done with the incident itself. */
function statesOf({ title, severity, openedAt, openedBy, acked, resolved }: Incident): Entry[] {
  const entry = (key: string, at: number, who: string, what: string): Entry => ({
    ...{ key: `state:${key}`, at, kind: 'state', who, what, detail: null },
  })
  return [
    entry('opened', openedAt, openedBy, `opened, ${severity}: ${title}`),
    ...(acked === null ? [] : [entry('acknowledged', acked.at, acked.by, 'in hand')]),
    ...(resolved === null ? [] : [entry('resolved', resolved.at, resolved.by, 'resolved')]),
  ]
}
