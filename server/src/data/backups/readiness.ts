import { describe } from '../../kernel/failure.ts'
import { type Place, placeAddress } from '../places/place.ts'
import { archiveToAll, placeReady } from '../repositories/ready.ts'
import type { BackupPorts } from './ports.ts'

/** A place that is away is tried for as long by its tools. */
const AGAIN_MS = 60_000

/**
 * The archive command must know every place as soon as an app names it, not with the first backup to it. A place that
 * is away does not keep the others from being used.
 */
export function createReadiness(ports: BackupPorts) {
  /** Place → why it could not be made ready. */
  const reasons = new Map<string, string>()
  let done = ''
  let at = 0
  return {
    reason: (place: string): string | undefined => reasons.get(place),
    /** Makes the places ready that changed, or were away before; called by a timer. */
    async ensure(): Promise<void> {
      const { places } = await ports.policy()
      const wanted = JSON.stringify(places.map(identity))
      if (wanted === done || ports.clock.now() - at < AGAIN_MS) return
      at = ports.clock.now()
      reasons.clear()
      for (const place of places)
        await placeReady(ports, place).catch(error => reasons.set(place.name, describe(error).what))
      await archiveToAll(ports)
      if (reasons.size === 0) done = wanted
    },
  }
}

const identity = (place: Place) => [
  place.name,
  placeAddress(place),
  ...(place.kind === 's3' ? [place.keyId, place.secret.reveal(), place.ca] : []),
]
