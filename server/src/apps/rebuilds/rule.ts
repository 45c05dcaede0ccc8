import type { Alarm } from '../../kernel/wire-alarm.ts'

/** What the last rebuild of an app showed. */
export interface Rebuilt {
  release: string
  /** When it ended, in milliseconds since 1970. */
  at: number
  /** Why the release does not come out of its source again; null: it does. */
  problem: string | null
}

/** Pause after a rebuild that gave way to another run. */
const REST_MS = 3_600_000

export interface Rhythm {
  now: number
  /** When the release was made that would be built. */
  made: number
  last: Rebuilt | null
  /** When a rebuild was begun last since the keeper started; null: none was. */
  begun: number | null
  /** When the schedule is due next after a moment, in milliseconds since 1970; null: never. */
  next(after: number): number | null
}

/** Whether a rebuild is due. One that is dated in the future is ignored. */
export function isDue({ now, made, last, begun, next }: Rhythm): boolean {
  if (begun !== null && now - begun < REST_MS) return false
  const since = last === null || last.at > now ? made : Math.max(made, last.at)
  return (next(since) ?? Number.POSITIVE_INFINITY) <= now
}

/** `serving`: the release whose files serve. What is known of another one says nothing of it. */
export function alarmsOf(app: string, serving: string, last: Rebuilt | null): Alarm[] {
  if (last === null || last.problem === null || last.release !== serving) return []
  return [
    {
      code: 'rebuild.failed',
      level: 'soon',
      what: `${serving} of ${app} serves, and cannot be built from nothing: ${last.problem}`,
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
    ...others.map(([path]) => `${path} is another`),
  ]
  if (said.length === 0) return null
  const more = said.length > NAMED ? `; and ${said.length - NAMED} more` : ''
  return `${said.slice(0, NAMED).join('; ')}${more}`
}
