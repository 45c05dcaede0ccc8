import type { Beat, ClusterLife, WriteAheadLog } from '../../apps/databases/cluster.ts'
import { describe } from '../../kernel/failure.ts'

export type Pulse = ReturnType<typeof createPulse>

/** Writes the cluster's heartbeat and remembers the last one. */
export function createPulse(cluster: Pick<ClusterLife, 'place'> & Pick<WriteAheadLog, 'beat'>) {
  let last: Beat | null = null
  let failure: string | null = null
  return {
    /** The last heartbeat that was written, however long ago; null: none since the keeper started. */
    last: () => last,
    /** Why the newest heartbeat could not be written; null: it was. */
    failure: () => failure,
    /** Writes a heartbeat; called by a timer. Does nothing without a cluster. */
    async beat(): Promise<void> {
      if ((await cluster.place()) === null) return
      try {
        last = await cluster.beat()
        failure = null
      } catch (error) {
        const { code, what, why } = describe(error)
        failure = code === 'internal' ? what : why
      }
    },
  }
}
