import { mayGive, mayLend, type Rights } from '../../api/actor.ts'
import { count, list } from '../../kernel/words.ts'
import type { TokenRow } from './store.ts'
import type { Held } from './wire.ts'

/** Of who is root on the server. */
const ROOT: Rights = { role: 'admin', apps: {}, verbs: null }

/** What a token was made for. */
export const rightsOf = ({ role, apps, verbs }: Pick<TokenRow, 'role' | 'apps' | 'verbs'>): Rights => ({
  role: apps === null ? role : null,
  apps: Object.fromEntries((apps ?? []).map(app => [app, role])),
  verbs,
})

/** Whether a token with these rights may go on, made by somebody with those: given by an admin, or lent to an assistant. */
export const mayHave = (maker: Rights, rights: Rights): boolean =>
  mayGive(maker, rights) || mayLend(maker, rights)

interface Makers {
  person(id: string): Rights | null
  token(key: string): TokenRow | null
}

/** What a token may at this moment; null: nothing, because whoever made it could not make it now. */
export function standing(row: TokenRow, makers: Makers): Rights | null {
  const rights = rightsOf(row)
  const maker = makerOf(row.maker, makers)
  return maker !== null && mayHave(maker, rights) ? rights : null
}

function makerOf(maker: string | null, makers: Makers): Rights | null {
  if (maker === null) return ROOT
  const [kind, id = ''] = maker.split(':', 2)
  if (kind === 'person') return makers.person(id)
  const token = makers.token(id)
  return token === null ? null : standing(token, makers)
}

/** 'operator', 'viewer, and admin of shop', 'operator of shop and bar, for deploy alone'. */
export function sayRights({ role, apps, verbs }: Rights): string {
  const named = Object.groupBy(Object.keys(apps), app => apps[app]!)
  const inApps = Object.entries(named).map(([one, of]) => `${one} of ${list(of)}`)
  const said = [...(role === null ? [] : [role]), ...inApps].join(', and ')
  return `${said}${verbs === null ? '' : `, for ${list(verbs)} alone`}`
}

/** What somebody has beside the password: 'codes and 2 passkeys', 'no'. */
export function sayHeld({ codes, passkeys }: Held): string {
  const had = [...(codes ? ['codes'] : []), ...(passkeys > 0 ? [count(passkeys, 'passkey')] : [])]
  return had.length === 0 ? 'no' : list(had)
}
