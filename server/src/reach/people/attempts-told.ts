import type { Clock } from '../../kernel/clock.ts'
import type { Audit } from '../audit/audit.ts'
import { FORGOTTEN_MS, signInAttempts } from './attempts.ts'
import type { People } from './people.ts'

export type Attempts = ReturnType<typeof toldAttempts>

interface Ports {
  people: Pick<People, 'list'>
  audit: Pick<Audit, 'write'>
  clock: Clock
}

/** Counts wrong passwords, and writes down when a person is guessed at: once in a quarter of an hour, and of no invented address. */
export function toldAttempts({ people, audit, clock }: Ports) {
  const attempts = signInAttempts(() => clock.now())
  const told = new Map<string, number>()
  async function tell(email: string, address: string | null): Promise<void> {
    const now = clock.now()
    const person = email.toLowerCase()
    if (now - (told.get(person) ?? Number.NEGATIVE_INFINITY) < FORGOTTEN_MS) return
    if (!(await people.list()).some(one => one.email === person)) return
    told.set(person, now)
    const detail = `too many wrong passwords, at last from ${address ?? 'this server'}: each further one waits longer`
    await audit.write({ actor: person, action: 'sign in slowed', detail })
  }
  return {
    async begin(email: string, address: string | null) {
      const attempt = attempts.begin({ email, address })
      if (attempt.waitMs > 0) await tell(email, address)
      return attempt
    },
    /** What was counted of a person counts no more. */
    forget(email: string): void {
      told.delete(email.toLowerCase())
      attempts.forget(email)
    },
  }
}
