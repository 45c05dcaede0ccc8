import { Writable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CHANNEL, headOf } from '../kernel/frames.ts'
import type { Admission } from './actor.ts'
import { openStream } from './open-stream.ts'

/** Opens a stream of frames as the answer to a request: for bytes that must arrive as they are. */
export type FrameStreams = (request: FastifyRequest, reply: FastifyReply) => FrameStream

export interface FrameStream {
  /**
   * Where bytes of one channel are written. It asks its writer to wait while the client does not read. `heard`: is given
   * the same bytes.
   */
  channel(number: number, heard?: (bytes: Buffer) => void): Writable
  /** JSON on the channel `said`. */
  say(value: unknown): void
  close(): void
  /** Aborts when the client is gone, or has lost the right to listen. */
  signal: AbortSignal
}

/** The client may read slowly, as `less` does, and must still get the rest. */
const LAST_MS = 3_600_000
const NOTHING = Buffer.alloc(0)

export const frameStreams =
  (people: Pick<Admission, 'onChange'>): FrameStreams =>
  (request, reply) => {
    const type = 'application/octet-stream'
    const beat = () => void (raw.writableNeedDrain || write(CHANNEL.beat, NOTHING))
    const { raw, signal, close } = openStream(people, { request, reply }, { type, beat, lastMs: LAST_MS })
    // One write for head and bytes: a corked answer would ask to wait for a drain that may never come.
    const write = (channel: number, bytes: Buffer): boolean =>
      signal.aborted || raw.write(Buffer.concat([headOf({ channel, bytes }), bytes]))
    write(CHANNEL.beat, NOTHING)
    return {
      channel(number, heard) {
        const written = (bytes: Buffer) => {
          heard?.(bytes)
          return write(number, bytes)
        }
        return channelOf(written, { raw, signal })
      },
      say: value => void write(CHANNEL.said, Buffer.from(JSON.stringify(value))),
      close,
      signal,
    }
  }

function channelOf(
  write: (bytes: Buffer) => boolean,
  { raw, signal }: { raw: FastifyReply['raw']; signal: AbortSignal },
): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      if (write(chunk)) return done()
      const go = () => {
        raw.off('drain', go)
        signal.removeEventListener('abort', go)
        done()
      }
      raw.on('drain', go)
      signal.addEventListener('abort', go)
    },
  })
}
