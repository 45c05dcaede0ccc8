import type { z } from 'zod'
import type { Actor, Admission, Rights } from '../../api/actor.ts'
import type { Factors, Person, Session, Token, TokenRequest, Whom } from './wire.ts'

/** In which the sign-in library is told the address of a visitor. Nobody but us sets it. */
export const ADDRESS_HEADER = 'x-innkeeper-address'

/** The port to people, sessions and tokens. Callers make changes of rights one after the other. */
export interface People extends Admission {
  list(): Promise<Person[]>
  /**
   * Adds a person, or changes the rights of a known one; without rights, a known person keeps the old ones, and a new
   * one is operator. With the link the person chooses a password, once, within a day. Earlier links end. `ended`: tokens
   * that ended because the person may not make them any more.
   */
  invite(person: {
    email: string
    name: string
    rights: Pick<Rights, 'role' | 'apps'> | null
  }): Promise<{ person: Person; link: string; ended: Token[] }>
  /** Removes a person with all sessions, links and tokens. Returns the tokens; null when nobody has that address. */
  remove(email: string): Promise<Token[] | null>
  /** Takes the second factor and the passkeys of a person away, ends all sessions, and makes a link; null when nobody has that address. */
  reset(email: string): Promise<{ person: Person; link: string } | null>
  /** Open sessions, the newest first. */
  sessions(): Promise<Session[]>
  /** Whether there was one. */
  endSession(id: string): Promise<boolean>
  /** Who must have a second factor. */
  policy: { read(): Promise<Whom>; keep(whom: Whom): Promise<void> }
  tokens(): Promise<Token[]>
  addToken(
    token: z.infer<typeof TokenRequest>,
    maker: Pick<Actor, 'id' | 'name'>,
  ): Promise<{ token: Token; secret: string }>
  /** Revokes a token. Resolves with it and the tokens that were made with it; null when there is none. */
  revokeToken(id: string): Promise<Token[] | null>
  /** Handles sign-in, sign-out, a second factor and choosing a password, with the library's own routes. */
  handle(request: Request): Promise<Response>
  /** What a person has beside the password. */
  factors(email: string): Promise<Factors>
  passkeys: Passkeys
}

/** Passkeys, with the library's own routes. What it refuses, it answers with its own words. */
export interface Passkeys {
  /** Whoever is signed in asks what a passkey is made of. The password is asked for once more. */
  begin(request: Request, email: string, password: string): Promise<Response>
  /** Keeps a passkey that was made. The session counts as opened with it. */
  add(request: Request, session: string): Promise<Response>
  /** Takes one away, with the sessions that were opened with it, but for the one that asks. */
  remove(request: Request, password: string, session: string): Promise<Response>
  /** Anybody asks what a passkey is to sign. */
  ask(request: Request): Promise<Response>
  /** Opens a session by what was signed. `passkey`: which one it was, and whose; null: none was. */
  signIn(request: Request): Promise<{ answer: Response; passkey: { name: string; email: string } | null }>
}
