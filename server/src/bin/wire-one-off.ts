import { runPath } from '../apps/deploys/perform-release.ts'
import type { DeployPorts } from '../apps/deploys/ports.ts'
import {
  type CommandOf,
  commandOf,
  type OneOff,
  type OneOffOrder,
  type OneOffPorts,
  oneOff,
} from '../apps/releases/one-off.ts'
import { execHeld } from '../drivers/host/held.ts'
import { tailOf } from '../drivers/host/tail.ts'
import { libpqEnv } from '../drivers/postgres/dump.ts'
import type { Ground } from './ground.ts'

/** Commands of an app, in the folder of a release and with its environment. `commandOf`: what a job starts by itself. */
export function wireOneOff(
  { home, releases, apps }: Pick<Ground, 'home' | 'releases' | 'apps'>,
  deploys: DeployPorts,
  address: OneOffPorts['address'],
): { oneOff: OneOff; commandOf: CommandOf } {
  const ports: OneOffPorts = {
    home,
    releases,
    apps,
    start: execHeld,
    clientEnv: libpqEnv,
    address,
    network: deploys.network,
    confined: deploys.confined,
    path: (node, cwd, tree) => runPath(deploys, { node, root: cwd, tree }),
  }
  return { oneOff: oneOff(ports), commandOf: commandOf(ports) }
}

type Unattended = Pick<OneOffOrder, 'app' | 'release' | 'argv' | 'env' | 'signal'>

/**
 * Runs a command of an app to its end, with nobody at its input. `said`: the last letters of what it printed; `say`: is
 * given each line.
 */
export async function toItsEnd(
  start: OneOff,
  order: Unattended,
  { letters, say }: { letters: number; say?: (line: string) => void },
) {
  const tail = tailOf(letters, say)
  const streams = { stdout: tail.stream(), stderr: tail.stream() }
  const held = await start({ ...order, ...streams, service: null, terminal: null })
  held.stdin.end()
  const { code, signal } = await held.finished
  return { code, signal, said: tail.text() }
}
