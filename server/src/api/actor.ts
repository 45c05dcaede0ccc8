import { sharedByPreviews } from '../config/app-key.ts'
import type { AppRoles, Role, Verb } from './wire.ts'

/** What somebody may do, and where. */
export interface Rights {
  /** In every app, and for what is of no app; null: in the apps of `apps` alone. */
  role: Role | null
  /** App → the role there, where it is more than `role`. */
  apps: Readonly<AppRoles>
  /** What a token is held to; null: whatever its role may. */
  verbs: readonly Verb[] | null
}

/** Who sends a request, and with which rights. */
export interface Actor extends Rights {
  /** person:ID or token:ID; null: a caller at the unix socket. */
  id: string | null
  name: string
  email: string | null
  /** The id of a person's session. */
  session: string | null
  /**
   * Whether this session has a second factor; `owed`: its person has none, and must, before they do anything else;
   * `passkey`: they have a passkey, and must sign in with it first. null: no person.
   */
  factor: 'on' | 'off' | 'owed' | 'passkey' | null
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 }

/** Whether a role includes the needed one. */
export const may = (role: Role | null, needed: Role): boolean => role !== null && RANK[role] >= RANK[needed]

/** Whether rights include a role in an app; null: for what is of no app, or of several. A role in `shop@preview` is one in each preview of shop. */
export function mayIn({ role, apps }: Rights, needed: Role, app: string | null): boolean {
  const held = (key: string | null) => key !== null && Object.hasOwn(apps, key) && may(apps[key]!, needed)
  return may(role, needed) || held(app) || (app !== null && held(sharedByPreviews(app)))
}

/** The apps in which rights include a role; null: all of them, and what is of none. */
export const reachOf = (rights: Rights, needed: Role): readonly string[] | null =>
  may(rights.role, needed) ? null : Object.keys(rights.apps).filter(app => mayIn(rights, needed, app))

/** Whether rights include a role in any app. */
export const mayAnywhere = (rights: Rights, needed: Role): boolean => reachOf(rights, needed)?.length !== 0

/** Whether these rights let somebody give those: only an admin gives any, and nobody gives more than they have. */
export function mayGive(own: Rights, given: Rights): boolean {
  const bounded = own.verbs === null || (given.verbs?.every(verb => own.verbs!.includes(verb)) ?? false)
  const places = given.role === null ? Object.keys(given.apps) : [null]
  return bounded && places.length > 0 && places.every(app => mayIn(own, 'admin', app))
}

/** Whether these are the rights of an assistant, whose changes wait for a person. */
export const isAssistant = ({ verbs }: Pick<Rights, 'verbs'>): boolean => verbs?.includes('propose') ?? false

/** What every assistant is held to. */
export const OF_ASSISTANTS: readonly Verb[] = ['read', 'propose']

/** Whether these rights let somebody have an assistant with those: it looks where they may look, and decides nothing. */
export function mayLend(own: Rights, given: Rights): boolean {
  const { verbs } = given
  const bounded = verbs?.every(verb => OF_ASSISTANTS.includes(verb) && mayUse(own, verb)) ?? false
  const everywhere = given.role === null ? [] : [[null, given.role] as const]
  const places = [...everywhere, ...Object.entries(given.apps)]
  return bounded && places.length > 0 && places.every(([app, role]) => mayIn(own, role, app))
}

/** Whether what somebody is held to names this verb. */
export const mayUse = ({ verbs }: Pick<Rights, 'verbs'>, verb: string | null): boolean =>
  verbs === null || verbs.some(one => one === verb)

/** What a route says of tokens that are held to verbs, and whether this request changes something. */
export interface Asked {
  verb: Verb | 'any' | null
  proposal: boolean
  changes: boolean
}

/** How somebody is let in by what they are held to: to do it, or to have a plan of it kept until a person approves; null: not at all. */
export function entryOf(rights: Pick<Rights, 'verbs'>, asked: Asked): 'whole' | 'proposal' | null {
  if (mayUse(rights, asked.verb)) return 'whole'
  const assistant = isAssistant(rights)
  if (assistant && asked.changes) return asked.proposal ? 'proposal' : null
  return asked.verb === 'any' ? 'whole' : null
}

/** Knows who asks. */
export interface Admission {
  /** Whether anybody was ever added: until then nothing but the unix socket answers. */
  any(): boolean
  /** Who a request's cookie or bearer token belongs to at this moment; null: nobody we know. */
  identify(headers: Headers): Promise<Actor | null>
  /** Adds a listener for changes that may have ended somebody's right. The change is answered after all listeners have ended. */
  onChange(listener: () => Promise<void>): () => void
}
