import type { FastifyReply, FastifyRequest } from 'fastify'
import { Failure } from '../kernel/failure.ts'
import type { Admission } from './actor.ts'

/** Opens a stream of server-sent events as the answer to a request. */
export type EventStreams = (request: FastifyRequest, reply: FastifyReply) => EventStream

export interface EventStream {
  send(value: unknown): void
  close(): void
  /** Aborts when the client is gone, or has lost the right to listen. */
  signal: AbortSignal
}

const BEAT_MS = 15_000
/** A client that has not read the rest this long after the stream was closed is disconnected. */
const LAST_MS = 1_000

/**
 * Answers with server-sent events; a comment at each beat keeps proxies from closing the connection. The stream ends
 * when its reader is removed, signs out or loses the role: at once after such a change, and at the next beat when a
 * session just expired.
 */
export const eventStreams =
  (people: Pick<Admission, 'onChange'>): EventStreams =>
  (request, reply) => {
    const over = new AbortController()
    const { raw } = reply
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) raw.setHeader(name, value)
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    })
    const write = (text: string) => void (over.signal.aborted || raw.write(text))
    const close = () => {
      if (over.signal.aborted) return
      over.abort()
      raw.end()
      setTimeout(() => raw.destroy(), LAST_MS).unref()
    }
    // When the check itself fails, the stream is closed as well.
    const check = () => request.admitted().catch(close)
    const forget = people.onChange(check)
    const beat = setInterval(async () => {
      await check()
      write(': still here\n\n')
    }, BEAT_MS)
    over.signal.addEventListener('abort', () => {
      clearInterval(beat)
      forget()
    })
    raw.on('close', () => over.abort())
    // Checked once more: the right may have ended between the guard and `onChange` above.
    void check()
    write(': open\n\n')
    return { send: value => write(`data: ${JSON.stringify(value)}\n\n`), close, signal: over.signal }
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
