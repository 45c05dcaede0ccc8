import { randomBytes } from 'node:crypto'
import type { Actor, Admission } from './actor.ts'

/** What lends somebody's rights to a program of our own for as long as it runs. */
export interface Passes {
  /** `token`: what it sends as a bearer token, for as long as `end` was not called and this process lives. */
  lend(actor: Actor): { token: string; end(): void }
  /** Whose requests of `people` these are, and whose were lent. */
  identify: Admission['identify']
}

const PREFIX = 'Bearer pass-'

export function createPasses(people: Pick<Admission, 'identify'>): Passes {
  const lent = new Map<string, Actor>()
  return {
    lend(actor) {
      // 256 bits from the system: nobody guesses one within the minutes of its life.
      const token = `pass-${randomBytes(32).toString('hex')}`
      lent.set(token, { ...actor, session: null, factor: null })
      return { token, end: () => void lent.delete(token) }
    },
    async identify(headers) {
      const sent = headers.get('authorization')
      return sent?.startsWith(PREFIX)
        ? (lent.get(sent.slice('Bearer '.length)) ?? null)
        : people.identify(headers)
    },
  }
}

/** The rights of somebody in one app, and nowhere else. */
export function heldTo(actor: Actor, app: string, role: Actor['role']): Actor {
  return { ...actor, role: null, apps: role === null ? {} : { [app]: role } }
}
