import type { Role } from './wire.ts'

/** Who sends a request, and with which role. */
export interface Actor {
  /** person:ID or token:ID; null: a caller at the unix socket. */
  id: string | null
  name: string
  email: string | null
  role: Role
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 }

/** Whether a role includes the needed one. */
export const may = (role: Role, needed: Role): boolean => RANK[role] >= RANK[needed]

/** Knows who asks. */
export interface Admission {
  /** Whether anybody was ever added: until then nothing but the unix socket answers. */
  any(): boolean
  /** Who a request's cookie or bearer token belongs to at this moment; null: nobody we know. */
  identify(headers: Headers): Promise<Actor | null>
  /** Adds a listener for changes that may have ended somebody's right. The change is answered after all listeners have ended. */
  onChange(listener: () => Promise<void>): () => void
}
