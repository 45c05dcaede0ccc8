import type { FastifyReply } from 'fastify'

export interface EventStream {
  send(value: unknown): void
  close(): void
  /** Aborts when the other side is gone. */
  signal: AbortSignal
}

/** Answers with server-sent events; a comment every 15 s keeps proxies from closing it. */
export function eventStream(reply: FastifyReply): EventStream {
  const gone = new AbortController()
  reply.hijack()
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value)
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  })
  reply.raw.write(': open\n\n')
  const beat = setInterval(() => reply.raw.write(': still here\n\n'), 15_000)
  reply.raw.on('close', () => {
    clearInterval(beat)
    gone.abort()
  })
  return {
    send: value => void reply.raw.write(`data: ${JSON.stringify(value)}\n\n`),
    close: () => void reply.raw.end(),
    signal: gone.signal,
  }
}
