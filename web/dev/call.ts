import type { IncomingMessage, ServerResponse } from 'node:http'
import type { z } from 'zod'
import { FailureAnswer } from '../../server/src/kernel/wire.ts'

/** One request to the made-up keeper, and the ways to answer it. */
export interface Call {
  req: IncomingMessage
  res: ServerResponse
  url: URL
  body: unknown
  params: string[]
}

export function answer<T>({ res }: Call, schema: z.ZodType<T>, value: T, code = 200) {
  res.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(schema.parse(value)))
}

export const refuse = (call: Call, code: number, [name, what, why, fix]: [string, string, string, string]) =>
  answer(call, FailureAnswer, { failure: { code: name, what, why, fix } }, code)

export type Handler = (call: Call) => void

/** Opens an event stream; `start` gives what to send, and how to stop. */
export function stream({ res, req }: Call, start: (send: (value: unknown) => void) => () => void) {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  res.write(':\n\n')
  const stop = start(value => void res.write(`data: ${JSON.stringify(value)}\n\n`))
  req.on('close', stop)
}

/** Signs whoever asks in. */
export const letIn = ({ res }: Call) =>
  res
    .writeHead(200, {
      'content-type': 'application/json',
      'set-cookie': 'session=yes; HttpOnly; SameSite=Lax; Path=/',
    })
    .end('{"signedIn":true}')
