import type { AppConfig } from '../../config/config.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import { type App, peer, type Slot } from '../app/app.ts'
import { slotName } from '../app/names.ts'
import type { SeenInstance } from '../app/status.ts'
import type { AppStore } from '../app/store.ts'
import type { Watched } from './down.ts'
import { look, type Probe } from './health.ts'
import { bodyOf, type Memory, seenAs } from './memory.ts'
import { type Care, leftOut, type Patient, replaceNow, stateOf, type Why, waits } from './rule.ts'

/** How long an end is remembered. */
const LATELY_MS = 120_000

/** How often it is seen whether a check is due. */
export const BEAT_MS = 200
/** What is well and takes no traffic is checked once in this many intervals. */
const CALM = 5
const WEIGH_MS = 5_000

/** An instance that is to be replaced. */
export interface Due {
  slot: Slot
  release: string
  why: Why
  /** Whether no other instance of its service is well. */
  alone: boolean
  rss: number | null
}

/** What was done for a slot, while it had this release. */
type Cared = Care & { release: string }

interface Options {
  apps: Pick<AppStore, 'all' | 'ports'>
  supervisor: Pick<Supervisor, 'state'>
  probe: Probe
  clock: Clock
  /** Resident memory of a process tree, in bytes. */
  rss(pid: number): Promise<number>
  slots(app: string, ports: ReadonlyMap<string, number>): Promise<ReadonlyArray<Slot & { release: string }>>
  config(app: string, release: string): Promise<AppConfig | null>
}

export type Watcher = ReturnType<typeof createWatcher>

/** Checks every instance as its `health:` says. Its status is what was seen last, never what a deploy intended. */
export function createWatcher(options: Options) {
  const { apps, clock } = options
  let memory = new Map<string, Memory>()
  const care = new Map<string, Cared>()
  const told = new Map<string, ReadonlySet<string>>()
  let changes = 0
  let known = 0
  let looking: Promise<void> | null = null

  async function everything(): Promise<void> {
    const until = changes
    const ports = await apps.ports()
    const all = await Promise.all((await apps.all()).map(app => looksAt(app, ports)))
    memory = new Map(all.flat().map(one => [slotName(one.slot), one]))
    known = until
  }

  const looksAt = async (app: App, ports: ReadonlyMap<string, number>): Promise<Memory[]> =>
    Promise.all(
      (await options.slots(app.name, ports)).map(slot =>
        lookAt(options, app, memory.get(slotName(slot)), slot),
      ),
    )

  /** Reads all processes once; called by a timer. */
  const tick = (): Promise<void> => {
    looking ??= everything().finally(() => {
      looking = null
    })
    return looking
  }

  const ofApp = (app: string): Memory[] => [...memory.values()].filter(one => one.slot.app === app)
  const out = (app: string): Set<Memory> =>
    new Set(groups(ofApp(app)).flatMap(group => (group[0]!.service?.kind === 'web' ? leftOut(group) : [])))

  return {
    tick,
    /** Begins the checks that are due, and judges every instance. Resolves when these checks have ended. */
    async beat(): Promise<void> {
      const now = clock.now()
      const checks: Array<Promise<void>> = []
      for (const [name, one] of memory) {
        judge(one, now)
        if (one.state === 'ready' && now - one.since >= longestOf(one)) care.delete(name)
        if (isDue(one, now)) checks.push(check(options, one))
      }
      await Promise.all(checks)
    },
    /** App → the peers that the edge is to leave out, and whether all its instances were judged by now. */
    rotation(): Map<string, { peers: string[]; judged: boolean }> {
      const names = new Set([...memory.values()].map(one => one.slot.app))
      return new Map(
        [...names].map(app => {
          const peers = [...out(app)].map(one => peer(one.slot)).sort()
          return [app, { peers, judged: ofApp(app).every(isJudged) }]
        }),
      )
    },
    /** Called when the edge knows which peers to leave out: only then is it said of them. */
    told(app: string, peers: readonly string[]): void {
      told.set(app, new Set(peers))
    },
    /** What serves, or is meant to. Instances that somebody stopped are not among it. */
    watched: (): Watched[] =>
      [...memory.values()]
        .filter(({ asked, told: state }) => asked && state?.wanted === true)
        .map(({ slot: { app, service }, state, again }) => ({ app, service, state, again })),
    /** The instances that are to be replaced now, one of each app at most. */
    due: (): Due[] =>
      Object.values(Object.groupBy(memory.values(), one => one.slot.app)).flatMap(all =>
        firstDue(all ?? [], care, clock.now()),
      ),
    /** Called when a replacement of an instance begins: until the next one it is waited longer. */
    replaced({ slot, release }: Pick<Due, 'slot' | 'release'>): void {
      const before = care.get(slotName(slot))
      const times = before?.release === release ? before.times + 1 : 1
      care.set(slotName(slot), { times, at: clock.now(), release })
    },
    /** Called when a run has changed something: what was seen before must not be answered any more. */
    changed(): void {
      changes++
    },
    /** The last answers to health checks, where they may be JSON. */
    bodies: () => [...memory.values()].flatMap(bodyOf),
    async instances(app: string): Promise<readonly SeenInstance[]> {
      // Twice, because a look that is under way may have begun before the change.
      for (let looks = 0; looks < 2 && known < changes; looks++) await tick()
      // A new keeper has told nothing yet: the edge goes on with what the one before told.
      const left = told.get(app) ?? new Set([...out(app)].map(one => peer(one.slot)))
      return ofApp(app).map(one => seenAs(one, left.has(peer(one.slot))))
    },
  }
}

/** Reads the process of one instance. A process that was not there before is checked at once. */
async function lookAt(
  options: Options,
  app: App,
  known: Memory | undefined,
  slot: Slot & { release: string },
): Promise<Memory> {
  const { supervisor, clock } = options
  const told = await supervisor.state(slotName(slot))
  const service = (await options.config(slot.app, slot.release))?.services.find(s => s.name === slot.service)
  const pid = told?.pid ?? null
  const same = known !== undefined && known.pid === pid && known.slot.release === slot.release
  const one = same ? known : fresh(slot, known, { pid, seconds: told?.seconds ?? 0, now: clock.now() })
  const ends = endsOf(known, slot.release, { crashes: told?.crashes ?? 0, now: clock.now() })
  Object.assign(one, { slot, service, told, ends, asked: app.live[slot.service]?.colour === slot.colour })
  if (pid !== null && clock.now() - one.weighedAt >= WEIGH_MS) {
    one.weighedAt = clock.now()
    one.rss = await options.rss(pid)
  }
  if (pid !== null && service?.kind === 'web' && one.checkedAt === 0) await check(options, one)
  judge(one, clock.now())
  return one
}

/** The ends until now: the supervisor counts them since the release was put there. */
function endsOf(
  known: Memory | undefined,
  release: string,
  { crashes, now }: { crashes: number; now: number },
): number[] {
  if (known === undefined || known.slot.release !== release) return []
  const more = Math.max(0, crashes - (known.told?.crashes ?? crashes))
  return [...known.ends, ...Array<number>(more).fill(now)].filter(at => now - at < LATELY_MS)
}

function fresh(
  slot: Memory['slot'],
  before: Memory | undefined,
  { pid, seconds, now }: { pid: number | null; seconds: number; now: number },
): Memory {
  const again = before !== undefined && before.slot.release === slot.release
  const process = { pid, startedAt: now - seconds * 1000, goodAt: null, bad: 0, again }
  const weight = { rss: null, weighedAt: 0, ends: [] }
  const nothing = { service: undefined, told: null, asked: true, checkedAt: 0, asking: false, body: null }
  return { ...process, ...weight, ...nothing, slot, state: 'down', since: now }
}

async function check({ probe, clock }: Options, one: Memory): Promise<void> {
  one.asking = true
  one.checkedAt = clock.now()
  const finding = await look(probe, one.slot.port, one.service!.health)
  one.asking = false
  one.body = finding.body ?? null
  if (finding.ok) Object.assign(one, { bad: 0, goodAt: clock.now() })
  else {
    // A pause in which nobody asked, because the keeper or the machine stood still, speaks against no instance.
    if (one.bad === 0 && one.goodAt !== null)
      one.goodAt = Math.max(one.goodAt, one.checkedAt - one.service!.health.interval)
    one.bad++
  }
  judge(one, clock.now())
}

/** Checks of one interval are begun together, because each time that the keeper wakes up costs more than a check. */
function isDue({ pid, service, asking, checkedAt, asked, state, bad }: Memory, now: number): boolean {
  if (pid === null || service?.kind !== 'web' || asking) return false
  const { interval } = service.health
  if (!asked && state === 'ready' && bad === 0) return now - checkedAt >= interval * CALM
  return Math.floor(now / interval) > Math.floor(checkedAt / interval)
}

function judge(one: Memory, now: number): void {
  const { pid, service, state } = one
  const seen =
    pid === null
      ? 'down'
      : service === undefined
        ? 'starting'
        : service.kind === 'worker'
          ? 'ready'
          : stateOf(one, service.health, now)
  if (seen !== state) Object.assign(one, { state: seen, since: now })
}

const isJudged = ({ pid, service, goodAt, bad }: Memory): boolean =>
  pid === null || service?.kind !== 'web' || goodAt !== null || bad > 0

/** Instances by service and colour. */
const groups = (all: readonly Memory[]): Memory[][] =>
  Object.values(Object.groupBy(all, ({ slot }) => `${slot.service}.${slot.colour}`)).map(group => group ?? [])

const longestOf = ({ service }: Memory): number => waits(service?.restart ?? false).longest

function dueOf(one: Memory, care: Cared | undefined, now: number): Array<Memory & { why: Why }> {
  const { service, state, since, rss } = one
  if (service === undefined) return []
  const overMemory = rss !== null && service.memory !== undefined && rss > service.memory
  const earlier = care?.release === one.slot.release ? care : { times: 0, at: 0 }
  const patient: Patient = {
    state,
    since,
    overMemory,
    restart: service.restart,
    care: earlier,
  }
  const why = replaceNow(patient, now)
  return why === null ? [] : [{ ...one, why }]
}

/** Of one app: what fails comes before what holds too much memory. */
function firstDue(all: readonly Memory[], care: ReadonlyMap<string, Cared>, now: number): Due[] {
  const due = all.flatMap(one => dueOf(one, care.get(slotName(one.slot)), now))
  const first = due.find(one => one.why === 'failing') ?? due[0]
  if (first === undefined) return []
  const { slot, why, rss } = first
  const { release, ...bare } = slot
  const well = all.some(
    ({ slot: other, state }) =>
      other.service === slot.service &&
      other.colour === slot.colour &&
      other.n !== slot.n &&
      state === 'ready',
  )
  return [{ slot: bare, release, why, rss, alone: !well }]
}
