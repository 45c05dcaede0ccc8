import { listenTrusted } from '../api/access.ts'
import { buildApi } from '../api/server.ts'
import { connectTo } from '../cli/client.ts'
import { readSettings, type Settings } from '../config/settings.ts'
import { saidBy } from '../servers/upgrade/reading.ts'
import { openHouse } from './house.ts'
import { define } from './tree.ts'

async function settingsOf(root: string): Promise<Settings> {
  const settings = await readSettings(root)
  if (settings === null) throw new Error(`${root} was never set up: inn up`)
  return settings
}

/** inn keeper define: for an upgrade, which may be carried out by another version. */
export const defineHere = async (root: string): Promise<void> => define(root, await settingsOf(root))

/**
 * A rehearsal (inn keeper rehearse): in a home that is nothing but a copy of the store, migrates it, answers on its socket, and prints
 * what it answers. Timers rest, runs are not gone on with, and nothing of the real home is reached.
 */
export async function rehearse(root: string): Promise<void> {
  const { house, parts } = await openHouse(root, await settingsOf(root))
  const api = await buildApi({ ...house, routes: parts.routes })
  await api.ready()
  const socketPath = house.home.keeperSocket
  await listenTrusted(api, socketPath)
  const said = await saidBy(connectTo({ socketPath }, 'upgrade'))
  // The end of the process would cut what is still in the pipe.
  process.stdout.write(`${JSON.stringify(said)}\n`, () => process.exit(0))
}
