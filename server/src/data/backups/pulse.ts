import type { Beat, ClusterFiles, ClusterLife, WriteAheadLog } from '../../apps/databases/cluster.ts'
import { describe } from '../../kernel/failure.ts'

export type Pulse = ReturnType<typeof createPulse>

/** Keeps the cluster's heartbeat and remembers what it showed last. */
export function createPulse(
  cluster: Pick<ClusterLife, 'place'> & Pick<WriteAheadLog, 'watch'> & Pick<ClusterFiles, 'endLost'>,
) {
  let last: Beat | null = null
  let failure: string | null = null
  return {
    /** What the last heartbeat or look showed, however long ago; null: none since the keeper started. */
    last: () => last,
    /** Why the last one failed; null: it did not. */
    failure: () => failure,
    /** Writes a heartbeat where one is needed; called by a timer. Without a cluster, what an earlier one showed is forgotten, and a server whose files were deleted is stopped. */
    async beat(): Promise<void> {
      if ((await cluster.place()) === null) {
        last = null
        failure = null
        return cluster.endLost()
      }
      try {
        last = await cluster.watch()
        failure = null
      } catch (error) {
        const { code, what, why } = describe(error)
        failure = code === 'internal' ? what : why
      }
    },
  }
}
