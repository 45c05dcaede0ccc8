import type { Beat, ClusterLife, WriteAheadLog } from '../../apps/databases/cluster.ts'
import { describe } from '../../kernel/failure.ts'

export type Pulse = ReturnType<typeof createPulse>

/** The heartbeat of the cluster, and what the last one said. */
export function createPulse(cluster: Pick<ClusterLife, 'place'> & Pick<WriteAheadLog, 'beat'>) {
  let last: Beat | null = null
  let failure: string | null = null
  return {
    /** The last one that was written, however long ago; null: none since the keeper is there. */
    last: () => last,
    /** Why the newest one could not be written; null: it was. */
    failure: () => failure,
    /** Writes one; called by a timer. Nothing happens without a cluster. */
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
