import type { Held, Person } from '../../../server/src/reach/people/wire.ts'
import { count } from '../kit/words.ts'

/** What somebody may: 'operator', 'viewer, admin of shop'. */
export const sayRights = ({ role, apps }: Pick<Person, 'role' | 'apps'>): string =>
  [...(role === null ? [] : [role]), ...Object.entries(apps).map(([app, own]) => `${own} of ${app}`)].join(
    ', ',
  )

/** What somebody has beside the password: 'codes, 2 passkeys'. */
export function sayHeld({ codes, passkeys }: Held): string {
  const had = [...(codes ? ['codes'] : []), ...(passkeys > 0 ? [count(passkeys, 'passkey')] : [])]
  return had.length === 0 ? 'no' : had.join(', ')
}
