import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readAddress } from '../cli/address.ts'
import { goalOf, readServers } from '../cli/servers.ts'
import { openTerminal } from '../cli/terminal.ts'
import { localMachine } from '../drivers/host/machine.ts'
import { systemClock } from '../kernel/clock.ts'
import type { SetupTools } from '../servers/setup/cli-tools.ts'
import { readWanted } from '../servers/setup/reading.ts'
import { PROJECT } from './version.ts'

/** What the set-up of a server needs; `host`: the server that was named with the command. */
export function setupTools(home: string, host: string | undefined): SetupTools {
  return {
    terminal: openTerminal(),
    clock: systemClock,
    newId: randomUUID,
    actor: process.env['SUDO_USER'] ?? process.env['USER'] ?? 'root',
    here: localMachine(),
    places: { home, project: PROJECT },
    packages: readWanted(readFileSync(join(PROJECT, 'inn'), 'utf8')),
    there: async to => (await import('../drivers/ssh/distant.ts')).openDistant(to, PROJECT),
    async goal() {
      const to = goalOf({ flag: host, env: process.env }, await readServers())
      return to === null ? null : readAddress(to.address)
    },
  }
}
