import type { Alarm } from '../../kernel/wire-alarm.ts'

/** What the last rebuild of an app showed. */
export interface Rebuilt {
  release: string
  /** When it ended, in milliseconds since 1970. */
  at: number
  /** Why the release does not come out of its source again; null: it does. */
  problem: string | null
  /** How often in a row it failed; 0: it did not. */
  failed: number
}

const HOUR = 3_600_000
/** Pause after a rebuild that gave way to another run. */
const REST_MS = HOUR
/** Pause after the first that failed: a registry may have been away. */
const AGAIN_MS = 24 * HOUR
/** How often in a row it fails before it is told. */
const TOLD = 2

export interface Rhythm {
  now: number
  /** When the release was made that would be built. */
  made: number
  last: Rebuilt | null
  /** When the keeper started: what fell due before is not made up for in the middle of the day. */
  since: number
  /** When a rebuild was begun last since then; null: none was. */
  begun: number | null
  /** When the schedule is due next after a moment, in milliseconds since 1970; null: never. */
  next(after: number): number | null
}

/** Whether a rebuild is due. One that is dated in the future is ignored. */
export function isDue({ now, made, last, since, begun, next }: Rhythm): boolean {
  if (begun !== null && now - begun < REST_MS) return false
  const known = last === null || last.at > now || last.at < made ? null : last
  if (known?.failed === 1) return now - known.at >= AGAIN_MS
  return (next(Math.max(made, since, known?.at ?? 0)) ?? Number.POSITIVE_INFINITY) <= now
}

/** `serving`: the release whose files serve, and when it was made. What is known of another one says nothing of it. */
export function alarmsOf(app: string, serving: { id: string; made: number }, last: Rebuilt | null): Alarm[] {
  if (last === null || last.failed < TOLD) return []
  // An app that was removed and made again begins with r1, too.
  if (last.release !== serving.id || last.at < serving.made) return []
  return [
    {
      app,
      code: 'rebuild.failed',
      level: 'soon',
      what: `${serving.id} of ${app} serves, and does not come out of its source again: ${last.problem}`,
      fix: `correct it and deploy with \`inn deploy --fresh\`; \`inn rebuild ${app}\` tries again`,
    },
  ]
}

/** Differences that are named. */
const NAMED = 3

/** How the packages of a rebuild differ from those that serve (path → what of it is compared); null: they do not. */
export function difference(
  serving: ReadonlyMap<string, string>,
  rebuilt: ReadonlyMap<string, string>,
): string | null {
  const missing = [...serving.keys()].filter(path => !rebuilt.has(path))
  const added = [...rebuilt.keys()].filter(path => !serving.has(path))
  const others = [...serving].filter(([path, of]) => rebuilt.has(path) && rebuilt.get(path) !== of)
  const said = [
    ...missing.map(path => `${path} is missing`),
    ...added.map(path => `${path} is new`),
    ...others.map(([path]) => `${path} has another size`),
  ]
  if (said.length === 0) return null
  const more = said.length > NAMED ? `; and ${said.length - NAMED} more` : ''
  return `${said.slice(0, NAMED).join('; ')}${more}`
}
