import type { Address } from '../../cli/address.ts'
import type { Terminal } from '../../cli/terminal.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Places } from './facts.ts'
import type { Distant, Machine } from './machine.ts'

/** What the commands of set-up get of the machine that they are typed on. */
export interface SetupTools {
  terminal: Terminal
  clock: Clock
  newId: () => string
  actor: string
  here: Machine
  /** Of this machine. */
  places: Places
  /** Debian packages that Innkeeper calls. */
  packages: readonly string[]
  /** Opens the way to a server. Failure `host.unreachable`, with what ssh said. */
  there(address: Address): Promise<Distant>
  /** The server that commands go to; null: this machine. */
  goal(): Promise<Address | null>
}

export interface Flags {
  json?: boolean
  plan?: boolean
  yes?: boolean
  local?: boolean
  confirm?: boolean
  keepFirewall?: boolean
  hardenSsh?: boolean
  open?: number[]
}

/** How long the firewall waits for somebody who says that the server is still reached. */
export const CONFIRM_SECONDS = 60
