import { minuteOf } from '../../kernel/moments.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { count } from '../../kernel/words.ts'
import { keyOf, type Probing, type Result, type Standing } from './probe.ts'

/** So many probes are asked at once, of one app, and commands among them: a target that hangs holds up few others. */
export const AT_ONCE = { all: 8, app: 3, commands: 2 }

/** What one result makes of what is remembered. A failing probe is well with its first good result. */
export function observe(known: Standing | null, result: Result, failures: number): Standing {
  const before = known ?? { state: 'waiting', since: result.at, bad: 0, badSince: null, last: null }
  if (result.ok)
    return {
      state: 'ok',
      since: before.state === 'ok' ? before.since : result.at,
      bad: 0,
      badSince: null,
      last: result,
    }
  const bad = before.bad + 1
  const badSince = before.badSince ?? result.at
  const fails = before.state !== 'failing' && bad >= failures
  return {
    state: fails ? 'failing' : before.state,
    since: fails ? badSince : before.since,
    bad,
    badSince,
    last: result,
  }
}

/** Which of those that are due are asked now, the longest due first. `running`: what is being asked. */
export function chosen<T extends Pick<Probing, 'app' | 'kind'>>(
  due: ReadonlyArray<{ probing: T; at: number }>,
  running: readonly T[],
): T[] {
  const asked = [...running]
  const isFree = ({ app, kind }: T): boolean =>
    asked.length < AT_ONCE.all &&
    asked.filter(one => one.app === app).length < AT_ONCE.app &&
    (kind !== 'command' || asked.filter(one => one.kind === kind).length < AT_ONCE.commands)
  const taken: T[] = []
  for (const { probing } of due.toSorted((a, b) => a.at - b.at)) {
    if (!isFree(probing)) continue
    asked.push(probing)
    taken.push(probing)
  }
  return taken
}

export interface Failing {
  probing: Probing
  standing: Standing
}

/** The alarms of what fails: one for each probe, whichever of its instances fail. */
export function alarmsOf(failing: readonly Failing[]): Alarm[] {
  const byProbe = Object.groupBy(failing, ({ probing }) => `${probing.app}/${probing.name}`)
  return Object.values(byProbe).map((all = []): Alarm => {
    const { probing, standing } = all.toSorted((a, b) => a.standing.since - b.standing.since)[0]!
    const { app, name, level, shown } = probing
    const since = minuteOf(standing.since)
    const others = all.length === 1 ? '' : `, and ${count(all.length - 1, 'other instance')} with it`
    const said = standing.last?.said ?? 'it failed before the keeper was started again'
    return {
      code: 'probe.failed',
      level: level === 'critical' ? 'late' : 'soon',
      what: `the probe ${name} of ${app} fails since ${since}${others}: ${said}`,
      fix: `it asks ${shown}: \`inn probes ${app}\` shows what it sees; then \`inn logs ${app}\``,
      app,
      name,
    }
  })
}

/** What is remembered of probes that are still wanted. */
export const kept = (
  standings: ReadonlyMap<string, Standing>,
  wanted: readonly Probing[],
): Map<string, Standing> =>
  new Map(
    wanted.flatMap(probing => {
      const standing = standings.get(keyOf(probing))
      return standing === undefined ? [] : [[keyOf(probing), standing] as const]
    }),
  )
