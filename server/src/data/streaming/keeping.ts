import type { Beat, WriteAheadLog } from '../../apps/databases/cluster.ts'
import type { Clock } from '../../kernel/clock.ts'
import { describe } from '../../kernel/failure.ts'
import { receiveAsAsked, receivedAt, type StreamPorts } from './receive.ts'

/** A place that is away is tried for as long. */
const AGAIN_MS = 60_000

interface Ports extends StreamPorts {
  clock: Clock
  cluster: StreamPorts['cluster'] & Pick<WriteAheadLog, 'receivedAt'>
}

/** Keeps the streaming of the log as the apps that serve ask for it. */
export function createStreamKeeper(ports: Ports, lastBeat: () => Beat | null) {
  let failure: string | null = null
  let at = 0
  return {
    /** Why the log could not be streamed; null: nothing stands in the way. */
    failure: () => failure,
    /** Sets it up again when it is set up otherwise than asked for, or out of step; called by a timer. */
    async keep(): Promise<void> {
      const beat = lastBeat()
      if (beat === null) return
      const { receive } = await ports.policy()
      const wanted = receive === null ? null : receivedAt(receive.place)
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
