import { readAddress } from '../cli/address.ts'
import { type Goal, goalOf, readServers } from '../cli/servers.ts'
import type { Tunnel } from '../cli/tunnel.ts'
import { Failure } from '../kernel/failure.ts'

const goal = async (flag: string | undefined): Promise<Goal | null> =>
  goalOf({ flag, env: process.env }, await readServers())

/** The way to the server that commands go to; null: to the keeper of this machine. */
export async function tunnelFor(flag: string | undefined, json: boolean): Promise<Tunnel | null> {
  const to = await goal(flag)
  if (to === null) return null
  // Nobody typed it with this command, so it is said.
  if (to.remembered && !json) process.stderr.write(`on ${to.name} (${to.address})\n`)
  const { openTunnel } = await import('../drivers/ssh/tunnel.ts')
  return openTunnel(readAddress(to.address))
}

/** Failure `usage.host` when commands go to another server. */
export async function refuseThere(flag: string | undefined, command: string): Promise<void> {
  const to = await goal(flag)
  if (to === null) return
  const { destination } = readAddress(to.address)
  throw new Failure('usage.host', `inn ${command} works on the machine that it is typed on`, {
    why: `commands go to ${to.address}${to.remembered ? ', as `inn server use` was told' : ''}`,
    fix: `\`ssh -t ${destination} inn ${command}\`; for this machine: \`inn server use --here\`, without --host and INNKEEPER_HOST`,
  })
}
