import type { Alarm } from '../../kernel/wire-alarm.ts'
import { count, list } from '../../kernel/words.ts'

/** Values that stand in examples and that attackers try first, in lower case. */
const KNOWN =
  /^(?:secret|password|passwd|pass|changeme|change-?me|default|test|admin|root|guest|user|example|your[-_].*|xxx+|todo|dev|development|postgres|postgresql|mysql|mongo|redis|rabbitmq|qwerty|letmein|1234|12345|123456\d*)\d*$/

/** Whether a value stands in examples, or is one that attackers try first. */
export const isKnown = (value: string): boolean => KNOWN.test(value.toLowerCase())

/** Names of secrets that sign or encrypt: whoever guesses one becomes anybody. */
const SIGNS =
  /(?:JWT|SESSION|COOKIE|AUTH|ENCRYPTION|SIGNING|APP|CSRF)_?(?:SECRET|KEY)|^(?:SECRET|SALT)(?:_KEY)?$/i
const SECRET = /SECRET|PASSWORD|PASSWD|TOKEN|KEY|SALT/i

/** Characters of a secret that signs; guides ask for 64 of a `JWT_SECRET`. */
const LONG = { jwt: 64, signs: 32, other: 8 }
/** Fewer different characters than this are no random text. */
const FEWEST_DIFFERENT = 6

/** Whether a variable is called like a secret. */
export const isSecretName = (name: string): boolean => SECRET.test(name)

/** Why a value is easy to guess; null: it is not. Only of names that say that it is a secret. */
export function weakness(name: string, value: string): string | null {
  if (!isSecretName(name)) return null
  if (isKnown(value)) return 'a value that everybody tries first'
  const least = /JWT/i.test(name) ? LONG.jwt : SIGNS.test(name) ? LONG.signs : LONG.other
  if (value.length < least) return `${count(value.length, 'character')}, and ${least} are wanted`
  if (new Set(value).size < FEWEST_DIFFERENT) return `only ${new Set(value).size} different characters`
  return null
}

const DAY_MS = 86_400_000
export const QUARTER_DAYS = 91
/** How long the reminder of a quarter stands. */
const REMINDED_DAYS = 7

export interface Aged {
  name: string
  /** Since when it has its value, in milliseconds since 1970. */
  since: number
}

/** Reminds of secrets once in each quarter of their life, for a week. */
export function ageAlarms(app: string, secrets: readonly Aged[], now: number): Alarm[] {
  const old = secrets.filter(({ since }) => {
    const days = (now - since) / DAY_MS
    return days >= QUARTER_DAYS && days % QUARTER_DAYS < REMINDED_DAYS
  })
  if (old.length === 0) return []
  const oldest = Math.floor((now - Math.min(...old.map(({ since }) => since))) / DAY_MS)
  return [
    {
      code: 'secret.old',
      level: 'soon',
      app,
      what: `${list(old.map(({ name }) => name).sort())} of ${app} ${old.length === 1 ? 'has' : 'have'} the same value for ${count(oldest, 'day')}`,
      fix: `\`inn secrets rotate ${old.map(({ name }) => name).sort()[0]} ${app}\` gives it another one; this is over by itself within a week, and comes again in a quarter`,
    },
  ]
}
