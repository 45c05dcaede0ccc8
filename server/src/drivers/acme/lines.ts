import type { FailureJson } from '../../kernel/failure.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Account, Order, Proof } from '../../reach/certificates/authority.ts'

/** An account as a line of JSON holds it: a secret would be printed as `[redacted]`. */
export type Carried<A extends Omit<Account, 'key'>> = Omit<A, 'binding'> & {
  binding: { kid: string; key: string } | null
}

/** What the program is to do: its first line. */
export type Call =
  | { do: 'issue'; order: Omit<Order, 'account'> & { account: Carried<Account> } }
  | { do: 'caaNames'; account: Carried<Omit<Account, 'key'>> }
  | { do: 'renewal'; account: Carried<Omit<Account, 'key'>>; chain: string }

/** What the program says and asks, a line each; the last one is its result. */
export type Question =
  | { say: string }
  | { id: number; show: Proof }
  | { id: number; hide: Proof }
  | { id: number; worthwhile: readonly string[] }
  | { value: unknown }
  | { failure: FailureJson }

export interface Reply {
  id: number
  value: unknown
}

export const carried = <A extends Omit<Account, 'key'>>(account: A): Carried<A> => ({
  ...account,
  binding: account.binding === null ? null : { kid: account.binding.kid, key: account.binding.key.reveal() },
})

export const taken = <A extends Omit<Account, 'key'>>(account: Carried<A>): A =>
  ({
    ...account,
    binding: account.binding === null ? null : { ...account.binding, key: new Secret(account.binding.key) },
  }) as unknown as A
