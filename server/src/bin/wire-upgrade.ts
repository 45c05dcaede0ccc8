import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { connectTo } from '../cli/client.ts'
import { openTerminal } from '../cli/terminal.ts'
import { keepStore, putStore, storeVersion, underWay } from '../db/file.ts'
import { localMachine } from '../drivers/host/machine.ts'
import { systemClock } from '../kernel/clock.ts'
import type { UpgradeTools } from '../servers/upgrade/cli.ts'
import { saidBy } from '../servers/upgrade/reading.ts'
import { wireServer } from './wire-server.ts'

/** What an upgrade of this home needs. */
export function upgradeTools(root: string): UpgradeTools {
  const { home, supervisor } = wireServer(root, { httpPort: null })
  const actor = process.env['SUDO_USER'] ?? process.env['USER'] ?? 'root'
  return {
    ...{ terminal: openTerminal(), newId: randomUUID, actor },
    ports: {
      ...{ home: root, clock: systemClock, machine: localMachine(), supervisor },
      store: {
        version: path => (existsSync(path) ? storeVersion(path) : null),
        copy: keepStore,
        put: putStore,
        busy: underWay,
      },
      ask: () => saidBy(connectTo({ socketPath: home.keeperSocket }, actor)),
    },
  }
}
