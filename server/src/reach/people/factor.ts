import { type Actor, mayAnywhere, type Rights } from '../../api/actor.ts'
import type { Store } from '../../db/db.ts'
import { keepSetting, readSetting } from '../../db/setting.ts'
import { type Held, Whom } from './wire.ts'

const NAME = 'second-factor'

export type FactorPolicy = ReturnType<typeof factorPolicy>

/** Who must have a second factor. It is asked for at each request, so it is remembered. */
export function factorPolicy(store: Store) {
  let known: Whom | null = null
  return {
    async read(): Promise<Whom> {
      known ??= Whom.catch('nobody').parse(await readSetting(store, NAME))
      return known
    },
    async keep(whom: Whom): Promise<void> {
      await keepSetting(store, NAME, whom)
      known = whom
    },
  }
}

/**
 * How a session stands with the second factor. Codes are asked for at the sign-in, so whoever has an authenticator app
 * has entered one; `shown`: the session was opened with a passkey that is still there. A password alone opens a session
 * of whoever has passkeys and no codes, which is `off` where nobody asks for more, and else waits for the passkey.
 */
export function factorOf(
  rights: Rights,
  { codes, passkeys, shown }: Held & { shown: boolean },
  policy: Whom,
): NonNullable<Actor['factor']> {
  if (codes || shown) return 'on'
  const asked = policy === 'all' || (policy === 'admins' && mayAnywhere(rights, 'admin'))
  if (!asked) return 'off'
  return passkeys > 0 ? 'passkey' : 'owed'
}
