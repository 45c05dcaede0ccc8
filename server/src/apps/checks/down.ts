import type { Alarm } from '../../kernel/wire-alarm.ts'
import { list } from '../../kernel/words.ts'
import type { InstanceState } from '../app/wire.ts'

/** One instance that takes traffic, or works, for its app. */
export interface Watched {
  app: string
  service: string
  state: InstanceState
  /** Whether it took the place of a process of the same release. */
  again: boolean
}

/** A service of which no instance works. */
export interface Down {
  app: string
  service: string
  /** `failing`: it runs and fails its health; `gone`: it ended, and may be on its way back. */
  why: 'failing' | 'gone'
  since: number
}

/** A process that ended is most often back before this, and visitors were answered by another one. */
const BACK_MS = 3_000

/** What does not work now. `known`: what did not before. One that starts for the first time is waited for by whoever starts it. */
export function downNow(
  known: ReadonlyMap<string, Down>,
  all: readonly Watched[],
  now: number,
): Map<string, Down> {
  const found = new Map<string, Down>()
  for (const [key, group] of Map.groupBy(all, ({ app, service }) => `${app}/${service}`)) {
    if (!group.every(isOut)) continue
    const { app, service } = group[0]!
    const why = group.every(one => one.state === 'failing') ? 'failing' : 'gone'
    found.set(key, { app, service, why, since: known.get(key)?.since ?? now })
  }
  return found
}

const isOut = ({ state, again }: Watched): boolean =>
  state === 'failing' || state === 'down' || (state === 'starting' && again)

/** Of what does not work, that which somebody is to be told of. What fails its health was given its time before. */
export const certain = (down: ReadonlyMap<string, Down>, now: number): Down[] =>
  [...down.values()].filter(({ why, since }) => why === 'failing' || now - since >= BACK_MS)

export const alarmsOf = (down: readonly Down[]): Alarm[] =>
  [...Map.groupBy(down, ({ app }) => app)].map(([app, all]) => {
    const names = list(all.map(({ service }) => service))
    const failing = all.every(({ why }) => why === 'failing')
    const how = failing ? 'runs and fails its health' : 'ended, and does not come back to work'
    return {
      app,
      code: 'app.down',
      level: 'late' as const,
      what: `${names} of ${app} ${how}`,
      fix: `\`inn status ${app}\` and \`inn logs ${app}\` say why; \`inn rollback ${app}\` goes back to the release before`,
    }
  })
