import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Admission } from './actor.ts'

/** Opens the stream that answers a request. */
export type EventStreams = (request: FastifyRequest, reply: FastifyReply) => EventStream

export interface EventStream {
  send(value: unknown): void
  close(): void
  /** Aborts when the other side is gone, or may not listen any more. */
  signal: AbortSignal
}

const BEAT_MS = 15_000
/** Whoever does not read what is left when the stream is closed is cut off. */
const LAST_MS = 1_000

/**
 * Answers with server-sent events; a comment at each beat keeps proxies from closing it. It ends when its reader is
 * removed, signs out or loses the role: at once when that was done here, at the next beat when a session just ended.
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
    // Whatever keeps us from asking is no leave to listen.
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
    // Between the guard and this line, the right to listen may have ended unheard.
    void check()
    write(': open\n\n')
    return { send: value => write(`data: ${JSON.stringify(value)}\n\n`), close, signal: over.signal }
  }
