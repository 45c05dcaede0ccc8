import type { Account } from '../../servers/confinement/account.ts'

/** What a program of an app asks the keeper at its socket. */
export interface AppCall {
  method: string
  /** Without the query. */
  path: string
  query: URLSearchParams
  /** null: none was sent. */
  token: string | null
  /** As JSON; undefined: there is none. */
  body: unknown
}

export interface AppAnswer {
  status: number
  body: object
}

export interface AppDoor {
  path: string
  /** Who may connect, besides root; null: the keeper's own user. */
  account: Account | null
  /** Rejects with what is a defect. */
  answer(call: AppCall): Promise<AppAnswer>
}

/** The port to sockets, one for each app. Rejects where the path cannot be listened at. */
export type OpenDoor = (door: AppDoor) => Promise<{ close(): Promise<void> }>
