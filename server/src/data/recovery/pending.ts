/** Name of the file in the home that says what is left to do of a recovery. It is there until the recovery is done. */
export const PENDING = 'recovering.json'

/** What is left to do once the keeper's state is back. */
export interface Pending {
  place: string
  /** Apps that ran on the old server. */
  apps: string[]
  /** When the keeper's state was taken, in milliseconds since 1970. */
  at: number
  /** When the state was brought here, in milliseconds since 1970: later runs belong to this machine. */
  since: number
}
