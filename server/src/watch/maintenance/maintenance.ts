import type { Engine } from '../../engine/engine.ts'
import { isLocked } from '../../engine/locked.ts'
import type { Outcome } from '../../engine/wire.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { minuteOf } from '../../kernel/moments.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Closed, Maintenance as Closing, Routes } from '../../reach/edge/edge.ts'
import { rings } from '../messages/channel.ts'
import { planCommands } from './plan.ts'
import { contentOf, due, failed, HOUR_MS, LONGER_MS, type Window } from './rule.ts'
import type { MaintenanceStep } from './step.ts'
import type { MaintenanceStore } from './store.ts'
import type { MaintenanceRequest } from './wire.ts'

export interface MaintenancePorts {
  store: MaintenanceStore
  edge: Closing & Pick<Routes, 'table'>
  engine: Pick<Engine<MaintenanceStep>, 'start'>
  /** The run of a window's commands, also when the keeper did not live to note it; null: they were not begun. */
  runOf(window: Pick<Window, 'id' | 'app'>): string | null
  /** What became of a run; null: it goes on. */
  outcome(run: string): Outcome | null
  apps: { find(name: string): Promise<unknown | null> }
  messages: {
    channels(): Promise<ReadonlyArray<{ name: string; settings: { kind: string } }>>
    wake(): Promise<void>
  }
  /** Looks again who is to be told of what is wrong. */
  alertsChanged(): void
  link(): Promise<string | null>
  clock: Clock
}

export type Maintenance = ReturnType<typeof createMaintenance>

const closedBy = ({ text, allow, endsAt }: Window): Closed => ({ text, allow, until: endsAt })
const isSame = (shown: Closed | undefined, wanted: Closed): boolean =>
  shown !== undefined &&
  shown.until === wanted.until &&
  shown.text === wanted.text &&
  shown.allow.join() === wanted.allow.join()

/** Times in which people work on an app: announced, visitors kept out, alerts quiet, and all of it ended again. */
export function createMaintenance(ports: MaintenancePorts) {
  const { store, edge, engine, messages, clock } = ports
  // A tick and a person must not change one at the same time.
  const turn = inTurns()

  /** Changes a window, and tells every channel of it that wakes nobody. */
  async function changeAndTell(
    window: Window,
    which: Parameters<typeof contentOf>[1],
    change: Parameters<MaintenanceStore['change']>[1],
  ): Promise<void> {
    const now = clock.now()
    const content = contentOf(window, which, { now, link: await ports.link() })
    const all = (await messages.channels()).filter(one => !rings(one))
    const drafts = all.map(({ name }) => ({ channel: name, content }))
    await store.change(window.id, change, drafts, now)
    await messages.wake()
  }

  const goesOn = ({ run }: Window): boolean => run !== null && ports.outcome(run) === null

  const close = (window: Window) => edge.close(window.app, closedBy(window))

  /** Another window of the same app that is on. */
  const besides = async ({ app, id }: Window): Promise<Window | undefined> =>
    (await store.open()).find(one => one.app === app && one.state === 'on' && one.id !== id)

  async function end(window: Window, endsAt = window.endsAt): Promise<void> {
    // Of two that follow each other, the one that is made longer may end after the other one has begun.
    const other = await besides(window)
    await edge.close(window.app, other === undefined ? null : closedBy(other))
    await changeAndTell(window, 'end', { state: 'over', endsAt })
    ports.alertsChanged()
  }

  function run(window: Window): string | null {
    try {
      return engine.start(planCommands(window), window.by)
    } catch (error) {
      // Something changes the app. It is tried again until the window is over.
      if (isLocked(error)) return null
      throw error
    }
  }

  /** What a keeper that was killed, or recovered on another server, has left undone. */
  async function settled(window: Window): Promise<Window> {
    if (window.state !== 'on') return window
    const shown = (await edge.table(window.app))?.closed
    const alone = (await besides(window)) === undefined
    if (alone && window.endsAt > clock.now() && !isSame(shown, closedBy(window))) await close(window)
    if (window.run !== null || window.commands.length === 0) return window
    const run = ports.runOf(window)
    if (run !== null) await store.change(window.id, { run })
    return { ...window, run }
  }

  async function tend(found: Window): Promise<void> {
    if ((await ports.apps.find(found.app)) === null) return store.change(found.id, { state: 'cancelled' })
    const window = await settled(found)
    const running = goesOn(window)
    const act = due(window, { now: clock.now(), running })
    if (act === null) return
    if (act.type === 'tell') return changeAndTell(window, act.which, { told: [...window.told, act.which] })
    if (act.type === 'miss') return changeAndTell(window, 'miss', { state: 'missed' })
    if (act.type === 'end') return end(window)
    if (act.type === 'begin') {
      await close(window)
      return changeAndTell(window, 'begin', { state: 'on' })
    }
    if (act.type === 'lengthen') {
      const longer = { ...window, endsAt: clock.now() + LONGER_MS }
      await close(longer)
      return store.change(window.id, { endsAt: longer.endsAt })
    }
    const begun = run(window)
    if (begun !== null) await store.change(window.id, { run: begun })
  }

  const known = async (id: number): Promise<Window> => {
    const found = await store.find(id)
    if (found !== null) return found
    throw new Failure('maintenance.unknown', `there is no maintenance ${id}`, {
      why: 'it was mistyped',
      fix: '`inn maintenance` lists them',
    })
  }

  async function isFree(app: string, beginsAt: number, endsAt: number): Promise<void> {
    const other = (await store.open()).find(
      one => one.app === app && one.beginsAt < endsAt && beginsAt < one.endsAt,
    )
    if (other === undefined) return
    throw new Failure('maintenance.twice', `${app} has maintenance ${other.id} in that time`, {
      why: `it is from ${minuteOf(other.beginsAt)} until ${minuteOf(other.endsAt)}`,
      fix: `\`inn maintenance end ${other.id}\` ends or cancels it`,
    })
  }

  return {
    list: () => store.list(),
    known,
    /** Apps on which people work now. */
    closed: async (): Promise<string[]> =>
      (await store.open()).filter(({ state }) => state === 'on').map(({ app }) => app),

    /** Of windows whose commands did not end well. It is told although alerts of the app are quiet. */
    async alarms(): Promise<Alarm[]> {
      const young = (await store.list()).filter(
        one => one.state === 'on' || (one.state === 'over' && clock.now() - one.endsAt < HOUR_MS),
      )
      return young.flatMap(one => {
        const outcome = one.run === null ? null : ports.outcome(one.run)
        return outcome === null || outcome === 'done' ? [] : [failed(one)]
      })
    },

    /** Does what is due; called by a timer. One that fails does not keep the others from it. */
    tick: (): Promise<void> =>
      turn(async () => {
        // What is on is ended before the next one of the same app begins.
        const open = (await store.open()).toSorted(
          (a, b) => Number(b.state === 'on') - Number(a.state === 'on') || a.endsAt - b.endsAt,
        )
        const failures: unknown[] = []
        for (const one of open) await tend(one).catch(error => failures.push(error))
        if (failures.length > 0) throw failures[0]
      }),

    plan: (app: string, asked: MaintenanceRequest, by: string): Promise<Window> =>
      turn(async () => {
        const beginsAt = Date.parse(asked.beginsAt)
        const endsAt = beginsAt + asked.lasts
        if (endsAt <= clock.now())
          throw new Failure('maintenance.past', 'that time is over', {
            why: `it would end ${minuteOf(endsAt)}`,
            fix: 'choose a later one',
          })
        await isFree(app, beginsAt, endsAt)
        const { text, allow, commands } = asked
        const id = await store.add({ app, beginsAt, endsAt, text, allow, commands, by })
        await tend(await known(id))
        return known(id)
      }),

    /** Ends one that is on, and cancels one that is planned. Failure `maintenance.over`, `maintenance.runs`. */
    end: (id: number): Promise<Window> =>
      turn(async () => {
        const window = await known(id)
        if (window.state !== 'on' && window.state !== 'planned')
          throw new Failure('maintenance.over', `maintenance ${id} is over`, {
            why: `it is ${window.state}`,
            fix: '`inn maintenance` lists what is planned',
          })
        if (goesOn(window))
          throw new Failure('maintenance.runs', `commands of maintenance ${id} still run`, {
            why: 'visitors would meet half of what they do',
            fix: `wait for them, or stop them: \`inn cancel ${window.run}\``,
          })
        if (window.state === 'on') await end(window, clock.now())
        // Nobody was told of it before the day before.
        else if (window.told.length === 0) await store.change(id, { state: 'cancelled' })
        else await changeAndTell(window, 'cancel', { state: 'cancelled' })
        return known(id)
      }),
  }
}
