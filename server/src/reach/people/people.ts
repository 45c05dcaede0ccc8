import type { Actor, Admission } from '../../api/actor.ts'
import type { Role } from '../../api/wire.ts'
import type { Person, Token } from './wire.ts'

/** The port to people, sessions and tokens. What changes who may do what is asked for one after the other. */
export interface People extends Admission {
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
}
