import type { Beat, WriteAheadLog } from '../../apps/databases/cluster.ts'
import type { Clock } from '../../kernel/clock.ts'
import { describe } from '../../kernel/failure.ts'
import { receiveAsAsked, receivedAt, type StreamPorts } from './receive.ts'

/** Pause between two tries to set up streaming. */
const AGAIN_MS = 60_000

interface Ports extends StreamPorts {
  clock: Clock
  cluster: StreamPorts['cluster'] & Pick<WriteAheadLog, 'receivedAt'>
}

/** Keeps the WAL of an app streamed as its releases that serve ask for it. */
export function createStreamKeeper(ports: Ports, lastBeat: () => Beat | null) {
  let failure: string | null = null
  let at = 0
  return {
    /** Why the WAL could not be streamed; null: it could, or nothing asks for it. */
    failure: () => failure,
    /** Sets up streaming again when it differs from what is asked for, or the receiver does not keep up. Called by a timer. */
    async keep(): Promise<void> {
      const beat = lastBeat()
      if (beat === null) return
      const { receive } = await ports.policy()
      const wanted = receive === null ? null : receivedAt(receive, ports.app)
      const fine = wanted === null ? !beat.synchronous : beat.synchronous && beat.receiving
      if (fine && wanted === (await ports.cluster.receivedAt())) {
        failure = null
        return
      }
      if (failure !== null && ports.clock.now() - at < AGAIN_MS) return
      at = ports.clock.now()
      try {
        await receiveAsAsked(ports)
      } catch (error) {
        failure = describe(error).what
      }
    },
  }
}
