import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../kernel/failure.ts'
import type { Admission } from './actor.ts'
import { openStream } from './open-stream.ts'

/** Opens a stream of server-sent events as the answer to a request. */
export type EventStreams = (request: FastifyRequest, reply: FastifyReply) => EventStream

export interface EventStream {
  send(value: unknown): void
  close(): void
  /** Aborts when the client is gone, or has lost the right to listen. */
  signal: AbortSignal
}

/** A client that has not read the rest this long after the stream was closed is disconnected. */
const LAST_MS = 1_000

/** Answers with server-sent events; a comment at each beat keeps proxies from closing the connection. */
export const eventStreams =
  (people: Pick<Admission, 'onChange'>): EventStreams =>
  (request, reply) => {
    const type = 'text/event-stream; charset=utf-8'
    const beat = () => write(': still here\n\n')
    const { raw, signal, close } = openStream(people, { request, reply }, { type, beat, lastMs: LAST_MS })
    const write = (text: string) => void (signal.aborted || raw.write(text))
    write(': open\n\n')
    return { send: value => write(`data: ${JSON.stringify(value)}\n\n`), close, signal }
  }

/**
 * Work that sends for as long as somebody reads. When it fails the stream ends with it, so that its reader asks again:
 * the answer has begun already, and a stream that only beats looks as if all was well.
 */
export async function sending(stream: EventStream, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Failure))
      console.error(
        JSON.stringify({ level: 'error', msg: 'a stream of events ended', error: (error as Error).stack }),
      )
  } finally {
    stream.close()
  }
}
