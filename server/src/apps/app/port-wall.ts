/** One user who may answer on a port of loopback. */
export interface Held {
  port: number
  uid: number
}

/** The port to what keeps the users of this machine from listening in each other's place. */
export interface PortWall {
  /** These ports and no others, from now on: whoever else listens there is not reached by anybody. */
  hold(held: readonly Held[]): Promise<void>
  /** Why that is not so on this machine; null: it is, or all apps run as one user. */
  problem(): string | null
}
