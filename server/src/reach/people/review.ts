import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Person, Token } from './wire.ts'

const DAY_MS = 86_400_000
/** Whoever has access is looked through each month. */
const EACH_MS = 31 * DAY_MS
const UNUSED_DAYS = 90
/** A link is good for a day; whoever has not come after a week does not come. */
const INVITED_DAYS = 7
const LONG_DAYS = 366

export interface Access {
  people: readonly Person[]
  tokens: readonly Token[]
  /** When somebody looked it through last: milliseconds since 1970; null: nobody has. */
  reviewedAt: number | null
}

interface Used {
  people: ReadonlyArray<Person & { signedInAt: string | null }>
  tokens: readonly Token[]
}

const daysSince = (at: string, now: number): number => Math.floor((now - Date.parse(at)) / DAY_MS)

/** What a person who looks access through should ask about, as sentences. */
export function findings({ people, tokens }: Used, now: number): string[] {
  const ofPeople = people.flatMap(({ email, createdAt, signedInAt }) => {
    const days = daysSince(signedInAt ?? createdAt, now)
    if (signedInAt === null)
      return days >= INVITED_DAYS
        ? [`${email} was added ${days} days ago, and no sign-in of theirs is written down`]
        : []
    return days >= UNUSED_DAYS ? [`${email} has not signed in for ${days} days`] : []
  })
  const ofTokens = tokens.flatMap(({ name, createdAt, usedAt, expiresAt }) => {
    const unused = daysSince(usedAt ?? createdAt, now)
    const left = expiresAt === null ? Number.POSITIVE_INFINITY : -daysSince(expiresAt, now)
    return [
      ...(unused >= UNUSED_DAYS ? [`the token ${name} was not used for ${unused} days`] : []),
      ...(left > LONG_DAYS ? [`the token ${name} is good for more than a year`] : []),
    ]
  })
  return [...ofPeople, ...ofTokens]
}

/** Once a month somebody is asked to look, as soon as there are people or tokens. */
export function reviewAlarms({ people, tokens, reviewedAt }: Access, now: number): Alarm[] {
  const first = Math.min(...[...people, ...tokens].map(({ createdAt }) => Date.parse(createdAt)))
  const since = Math.max(reviewedAt ?? 0, Number.isFinite(first) ? first : now)
  if (now - since < EACH_MS) return []
  return [
    {
      code: 'people.review',
      level: 'soon',
      what: `who has access was not looked through for ${Math.floor((now - since) / DAY_MS)} days`,
      fix: '`inn people review` shows who may what; `inn people review --done` when it is right',
    },
  ]
}
