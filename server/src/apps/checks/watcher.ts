import type { AppConfig, ServiceConfig } from '../../config/config.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { ServiceState, Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { Slot } from '../app/app.ts'
import { slotName } from '../app/names.ts'
import type { SeenInstance } from '../app/status.ts'
import type { AppStore } from '../app/store.ts'
import { look, type Probe } from './health.ts'

/** What the watcher remembers of one instance between two checks. */
interface Memory {
  pid: number | null
  failures: number
  lookedAt: number
  rss: number | null
  weighedAt: number
  ok: boolean
}

/** A healthy instance is checked once in this many intervals. */
const CALM = 5
const WEIGH_MS = 5_000

interface Options {
  apps: Pick<AppStore, 'all' | 'ports'>
  supervisor: Pick<Supervisor, 'state'>
  probe: Probe
  clock: Clock
  /** Resident memory of a process tree, in bytes. */
  rss(pid: number): Promise<number>
  slots(app: string, ports: ReadonlyMap<string, number>): Promise<ReadonlyArray<Slot & { release: string }>>
  config(app: string, release: string): Promise<AppConfig | null>
  /** Called for an instance over its memory limit; it is restarted. */
  onOverLimit(slot: Slot, rssBytes: number, limitBytes: number): Promise<void>
}

export type Watcher = ReturnType<typeof createWatcher>

/** Checks every instance as its `health:` says. Its status is what was seen last, never what a deploy intended. */
export function createWatcher(options: Options) {
  const { apps, supervisor, probe, clock } = options
  const memory = new Map<string, Memory>()
  const seen = new Map<string, SeenInstance[]>()

  async function lookAt(slot: Slot & { release: string }): Promise<SeenInstance> {
    const name = slotName(slot)
    const state = await supervisor.state(name)
    const config = await options.config(slot.app, slot.release)
    const service = config?.services.find(s => s.name === slot.service)
    const known = memory.get(name)
    const same = known !== undefined && known.pid === (state?.pid ?? null)
    const m: Memory = same
      ? known
      : { pid: state?.pid ?? null, failures: 0, lookedAt: 0, ok: false, rss: null, weighedAt: 0 }
    memory.set(name, m)
    if (state?.pid != null && clock.now() - m.weighedAt >= WEIGH_MS) {
      m.weighedAt = clock.now()
      m.rss = await options.rss(state.pid)
    }
    const rss = state?.pid == null ? null : m.rss
    // A healthy instance is asked less often; after its first failure it is asked at every interval.
    const pause = (service?.health.interval ?? 0) * (m.ok && m.failures === 0 ? CALM : 1)
    if (state?.pid != null && service?.kind === 'web' && clock.now() - m.lookedAt >= pause) {
      m.lookedAt = clock.now()
      const finding = await look(probe, slot.port, service.health)
      m.failures = finding.ok ? 0 : m.failures + 1
      if (finding.ok) m.ok = true
    }
    if (service?.kind === 'worker') m.ok = true
    if (rss !== null && service?.memory !== undefined && rss > service.memory)
      await options.onOverLimit(slot, rss, service.memory)
    return seenAs(slot, { ...m, state, service, rss })
  }

  let changes = 0
  let known = 0
  let looking: Promise<void> | null = null

  async function everything(): Promise<void> {
    const until = changes
    const ports = await apps.ports()
    for (const app of await apps.all()) {
      seen.set(app.name, await Promise.all((await options.slots(app.name, ports)).map(lookAt)))
    }
    known = until
  }

  /** Checks all instances once; called by a timer. */
  const tick = (): Promise<void> => {
    looking ??= everything().finally(() => {
      looking = null
    })
    return looking
  }

  return {
    tick,
    /** Called when a run has changed something: what was seen before must not be answered any more. */
    changed(): void {
      changes++
    },
    async instances(app: string): Promise<readonly SeenInstance[]> {
      // Twice, because a check that is under way may have begun before the change.
      for (let looks = 0; looks < 2 && known < changes; looks++) await tick()
      return seen.get(app) ?? []
    },
  }
}

interface Looked extends Pick<Memory, 'ok' | 'failures'> {
  state: ServiceState | null
  service: ServiceConfig | undefined
  rss: number | null
}

/** What is said of an instance after a look at it. */
function seenAs(
  slot: Slot & { release: string },
  { state, service, rss, ok, failures }: Looked,
): SeenInstance {
  const failing = failures >= (service?.health.retries ?? 3)
  return {
    service: slot.service,
    colour: slot.colour,
    n: slot.n,
    release: slot.release,
    pid: state?.pid ?? null,
    port: service?.kind === 'web' ? slot.port : null,
    state: state?.pid == null ? 'down' : failing ? 'failing' : ok ? 'ready' : 'starting',
    rssBytes: rss,
    restarts: state?.crashes ?? 0,
    uptimeSeconds: state?.pid == null ? null : state.seconds,
  }
}
