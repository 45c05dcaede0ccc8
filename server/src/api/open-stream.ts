import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Admission } from './actor.ts'
import { checkStream } from './assistant.ts'

const BEAT_MS = 15_000

export interface OpenStream {
  raw: FastifyReply['raw']
  /** Aborts when the client is gone, or has lost the right to listen. */
  signal: AbortSignal
  close(): void
}

interface Wanted {
  type: string
  /** What keeps proxies from closing the connection. */
  beat(): void
  /** A client that has not read the rest this long after the stream was closed is disconnected. */
  lastMs: number
}

/**
 * Begins an answer that is written as it comes. It ends when its reader is removed, signs out or loses the role: at
 * once after such a change, and at the next beat when a session just expired.
 */
export function openStream(
  people: Pick<Admission, 'onChange'>,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { type, beat, lastMs }: Wanted,
): OpenStream {
  checkStream(request)
  const over = new AbortController()
  const { raw } = reply
  reply.hijack()
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', 'x-accel-buffering': 'no' })
  const close = () => {
    if (over.signal.aborted) return
    over.abort()
    raw.end()
    setTimeout(() => raw.destroy(), lastMs).unref()
  }
  // When the check itself fails, the stream is closed as well.
  const check = () => request.admitted().catch(close)
  const forget = people.onChange(check)
  const beats = setInterval(async () => {
    await check()
    if (!over.signal.aborted) beat()
  }, BEAT_MS)
  over.signal.addEventListener('abort', () => {
    clearInterval(beats)
    forget()
  })
  raw.on('close', () => over.abort())
  // Checked once more: the right may have ended between the guard and `onChange` above.
  void check()
  return { raw, signal: over.signal, close }
}
