import type { Role } from './wire.ts'

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

/** Knows who asks. */
export interface Admission {
  /** Whether anybody was ever added: until then nothing but the unix socket answers. */
  any(): boolean
  /** Who a request's cookie or bearer token belongs to at this moment; null: nobody we know. */
  identify(headers: Headers): Promise<Actor | null>
  /** Called after each change that may have ended somebody's right, and awaited before that change is answered. */
  onChange(listener: () => Promise<void>): () => void
}
