import { mayAnywhere, type Rights } from '../../api/actor.ts'
import type { Store } from '../../db/db.ts'
import { keepSetting, readSetting } from '../../db/setting.ts'
import { Whom } from './wire.ts'

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

/** What a person has; `owed`: they must have one, and do nothing else before. */
export function factorOf(rights: Rights, has: boolean, policy: Whom): 'on' | 'off' | 'owed' {
  if (has) return 'on'
  return policy === 'all' || (policy === 'admins' && mayAnywhere(rights, 'admin')) ? 'owed' : 'off'
}
