import type { Address } from './address.ts'

/** A way to a keeper on another server, for as long as this command lasts. */
export interface Tunnel {
  destination: string
  port: number | null
  /** A socket on this machine that leads to the keeper's. */
  socketPath: string
  /** What ssh has said of it, after a failure; null: nothing. */
  said(): Promise<string | null>
  /** Leads a free port of loopback here to a port of loopback there. Resolves with the port here. */
  forward(port: number): Promise<number>
  /** Resolves when the last way ends, for a command that has nothing more to do. Failure `host.unreachable`. */
  ended(): Promise<void>
}

/** Opens it. Failure `host.unreachable` with what ssh said. */
export type OpenTunnel = (to: Address) => Promise<Tunnel>
