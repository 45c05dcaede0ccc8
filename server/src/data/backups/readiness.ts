import { describe } from '../../kernel/failure.ts'
import { type Place, placeAddress } from '../places/place.ts'
import { type ArchivePorts, archiveToAll, type PlacePorts, placeReady } from '../repositories/ready.ts'
import type { Keeping } from './ports.ts'

/** Pause between two tries: the tools themselves try an unreachable place for as long. */
const AGAIN_MS = 60_000

/**
 * Makes places ready as soon as an app names them, because the archive command must know them before the first backup.
 * A place that cannot be reached does not keep the others from being used.
 */
export function createReadiness(ports: ArchivePorts & PlacePorts & Pick<Keeping, 'clock'>) {
  /** Place → why it could not be made ready. */
  const reasons = new Map<string, string>()
  let done = ''
  let at = 0
  return {
    reason: (place: string): string | undefined => reasons.get(place),
    /** Makes places ready when they changed, or could not be reached before; called by a timer. */
    async ensure(): Promise<void> {
      const { places, on } = await ports.policy()
      const wanted = JSON.stringify([on, places.map(identity)])
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
