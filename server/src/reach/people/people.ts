import type { Person, Role, Token } from './wire.ts'

/** Who asks, and what that person may do. */
export interface Actor {
  /** person:ID or token:ID; null: whoever is at the unix socket. */
  id: string | null
  name: string
  email: string | null
  role: Role
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 }

/** Whether a role is enough for what a route asks for. */
export const may = (role: Role, needed: Role): boolean => RANK[role] >= RANK[needed]

/** The port to people, sessions and tokens. What changes who may do what is asked for one after the other. */
export interface People {
  /** Whether anybody was ever added: until then nothing but the unix socket answers. */
  any(): boolean
  /** Who a request's cookie or bearer token belongs to at this moment; null: nobody we know. */
  identify(headers: Headers): Promise<Actor | null>
  list(): Promise<Person[]>
  /**
   * Adds a person, or changes the role of a known one, who keeps it when none is named. The link lets that person
   * choose a password, once, within a day; links from before end. `ended`: the tokens of one who is no admin any more.
   */
  invite(person: {
    email: string
    name: string
    role: Role | null
  }): Promise<{ person: Person; link: string; ended: Token[] }>
  /** Ends their sessions, links and tokens too, which it returns; null when nobody has that address. */
  remove(email: string): Promise<Token[] | null>
  tokens(): Promise<Token[]>
  addToken(
    token: { name: string; role: Role; expiresInDays: number },
    maker: Pick<Actor, 'id' | 'name'>,
  ): Promise<{ token: Token; secret: string }>
  /** Resolves with it and the tokens that were made with it; null when there is none. */
  revokeToken(id: string): Promise<Token[] | null>
  /** Sign-in, sign-out, choosing a password: the library's own routes. */
  handle(request: Request): Promise<Response>
  /** Called after each change that may have ended somebody's right, and awaited before that change is answered. */
  onChange(listener: () => Promise<void>): () => void
}
