import { parseName } from '../../apps/app/names.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { logsOf, type SeenPart } from './parts.ts'

/** A part that ended, or did not answer once, is most often back before this. */
const BACK_MS = 3_500
/** One that has just begun reads its files first: a database after a crash, a Redis with much in it. */
const BEGINS_SECONDS = 60

export type Seen = Pick<SeenPart, 'name' | 'state' | 'pid' | 'seconds' | 'wanted' | 'asked'>

/** A database makes a process for whoever asks whether it answers, so it is asked seldom, and each time while it is down. */
export const isAsked = (name: string, all: boolean, known: ReadonlyMap<string, number>): boolean =>
  all || name === 'edge' || known.has(name)

/** Parts that are meant to run and do not answer, with since when. `at`: when they were asked. */
export const downNow = (
  known: ReadonlyMap<string, number>,
  parts: readonly Seen[],
  at: number,
): Map<string, number> =>
  new Map(parts.filter(part => isDown(part, known)).map(({ name }) => [name, known.get(name) ?? at]))

function isDown(
  { name, state, pid, seconds, wanted, asked }: Seen,
  known: ReadonlyMap<string, number>,
): boolean {
  if (!wanted || pid === null) return wanted
  if (!asked) return known.has(name)
  // One that ended, and ends again whenever it has begun, has no minute.
  return state === 'down' && (name === 'edge' || known.has(name) || seconds >= BEGINS_SECONDS)
}

/** Those that somebody is to be told of. */
export const certain = (down: ReadonlyMap<string, number>, now: number): string[] =>
  [...down].filter(([, since]) => now - since >= BACK_MS).map(([name]) => name)

export const alarmsOf = (names: readonly string[]): Alarm[] =>
  names.map(name => {
    const named = parseName(name)
    return {
      ...('app' in named ? { app: named.app } : {}),
      code: 'part.down',
      level: 'late' as const,
      name,
      what: name === 'edge' ? 'the edge does not answer, and so no app does' : `${name} does not answer`,
      fix: `\`inn logs ${logsOf(name)}\` says why; \`inn status\` shows all parts`,
    }
  })
