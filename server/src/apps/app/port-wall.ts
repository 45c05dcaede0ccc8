/** One user who may answer on a port of loopback. */
export interface Held {
  port: number
  uid: number
}

/** Port to the firewall rules that let only one user answer on each port of loopback. */
export interface PortWall {
  /** Replaces all rules. On a port that is held, connections to any other user's process are refused. */
  hold(held: readonly Held[]): Promise<void>
  /** Why this machine cannot have the rules; null: it has them, or all apps run as one user. */
  problem(): string | null
}
