import type { Person, Role, Token } from '../../../contract/people.ts'

/** Who asks, and what that person may do. */
export interface Actor {
  name: string
  email: string | null
  role: Role
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 }

/** Whether a role is enough for what a route asks for. */
export const may = (role: Role, needed: Role): boolean => RANK[role] >= RANK[needed]

/** The port to people, sessions and tokens. */
export interface People {
  /** Whether anybody was ever added: until then nothing but the unix socket answers. */
  any(): boolean
  /** Who a request's cookie or bearer token belongs to; null: nobody we know. */
  identify(headers: Headers): Promise<Actor | null>
  list(): Promise<Person[]>
  /** Adds a person, or changes the role of a known one; the link lets that person choose a password, once, within a day. */
  invite(person: { email: string; name: string; role: Role }): Promise<{ person: Person; link: string }>
  /** Ends their sessions too; false when nobody has that address. */
  remove(email: string): Promise<boolean>
  tokens(): Promise<Token[]>
  addToken(token: {
    name: string
    role: Role
    expiresInDays: number
  }): Promise<{ token: Token; secret: string }>
  revokeToken(id: string): Promise<boolean>
  /** Sign-in, sign-out, choosing a password: the library's own routes. */
  handle(request: Request): Promise<Response>
}
