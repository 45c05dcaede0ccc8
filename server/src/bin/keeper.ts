import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import { getHeapStatistics } from 'node:v8'
import { listenTrusted } from '../api/access.ts'
import { buildApi } from '../api/server.ts'
import { readSettings } from '../config/settings.ts'
import { cgroupFolder, tidyCgroups } from '../drivers/host/cgroups.ts'
import { encryptEarlier } from '../drivers/runit/encrypt-earlier.ts'
import { describe } from '../kernel/failure.ts'
import type { Timer } from '../parts/part.ts'
import { log } from './ground.ts'
import { openHouse } from './house.ts'

const MINUTE_MS = 60_000

/** The keeper: continues the runs that its journal says were under way, then answers requests. It may be killed at any moment. */
export async function main(root: string): Promise<void> {
  const settings = await readSettings(root)
  if (settings === null) throw new Error(`${root} was never set up: inn up`)
  const { house, parts, url } = await openHouse(root, settings)
  await house.edge.prepare()
  await house.prometheus?.prepare().catch(error => log('error', 'nothing new is measured', describe(error)))
  await encryptEarlier(house.home.services, house.cipher).catch(error =>
    log('error', 'folders of services may still hold secrets in plain', describe(error)),
  )
  await tidyCgroups(cgroupFolder(root), [...(await house.supervisor.list()), ...(await house.jobGroups())])
  log('info', `resumed ${house.engine.resume().length} runs`)
  const socket = house.home.keeperSocket
  await rm(socket, { force: true })
  const api = await buildApi({ ...house, routes: parts.routes })
  await api.listen({ host: '127.0.0.1', port: settings.apiPort })
  await listenTrusted(api, socket)
  for (const timer of parts.timers) every(timer)
  // Not at once: to free memory takes a third of a second, and now somebody waits for the first answers.
  setTimeout(() => every({ name: 'rest', everyMs: MINUTE_MS, work: resting(house) }), MINUTE_MS)
  log('info', `keeper ${house.version} answers on ${url}`)
  // Writes the compile cache now, so that the next start is quicker and smaller, even after a kill.
  flushCompileCache()
  await once(process, 'SIGTERM')
  // It exits without waiting: runs under way continue from the journal when the keeper is back.
  house.engine.rest()
  process.exit(0)
}

/** What a keeper in which nothing changes takes more within minutes, and its heap gives back by itself. */
const LITTLE_BYTES = 6 * 1024 ** 2

/**
 * Frees the memory that the last change needed. Without this, the heap stays as large as it ever was. Where it has hardly
 * grown it is left alone: to look for nothing takes a fifth of what a keeper at rest uses of a processor.
 */
function resting({ engine }: { engine: { busy(): boolean } }): () => Promise<void> {
  let least = 0
  return async () => {
    if (engine.busy() || heapSize() < least + LITTLE_BYTES) return
    globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    least = heapSize()
  }
}

const heapSize = (): number => getHeapStatistics().total_heap_size

/** Repeats work without overlap. What it throws is logged and does not end the keeper. */
function every({ name, everyMs, aligned = false, work }: Timer): void {
  const turn = async () => {
    try {
      await work()
    } catch (error) {
      log('error', `${name} failed`, {
        error: describe(error),
        stack: error instanceof Error ? error.stack : null,
      })
    }
    setTimeout(turn, aligned ? everyMs - (Date.now() % everyMs) : everyMs)
  }
  void turn()
}
