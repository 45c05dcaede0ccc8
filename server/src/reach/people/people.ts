import type { Actor, Admission } from '../../api/actor.ts'
import type { Role } from '../../api/wire.ts'
import type { Person, Token } from './wire.ts'

/** The port to people, sessions and tokens. Callers make changes of rights one after the other. */
export interface People extends Admission {
  list(): Promise<Person[]>
  /**
   * Adds a person, or changes the role of a known one; without a role, a known person keeps the old one. With the link
   * the person chooses a password, once, within a day. Earlier links end. `ended`: tokens that ended because the person
   * is no admin any more.
   */
  invite(person: {
    email: string
    name: string
    role: Role | null
  }): Promise<{ person: Person; link: string; ended: Token[] }>
  /** Removes a person with all sessions, links and tokens. Returns the tokens; null when nobody has that address. */
  remove(email: string): Promise<Token[] | null>
  tokens(): Promise<Token[]>
  addToken(
    token: { name: string; role: Role; expiresInDays: number },
    maker: Pick<Actor, 'id' | 'name'>,
  ): Promise<{ token: Token; secret: string }>
  /** Revokes a token. Resolves with it and the tokens that were made with it; null when there is none. */
  revokeToken(id: string): Promise<Token[] | null>
  /** Handles sign-in, sign-out and choosing a password, with the library's own routes. */
  handle(request: Request): Promise<Response>
}
