import type { z } from 'zod'
import { type Failure, FailureAnswer } from '../../../server/src/kernel/wire.ts'
import { connection } from './connection.ts'

/** Thrown when the keeper answers with a failure or does not answer. */
export class KeeperError extends Error {
  readonly status: number
  readonly failure: Failure

  constructor(status: number, failure: Failure) {
    super(failure.what)
    this.status = status
    this.failure = failure
  }
}

interface Ask {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
}

/** Sends a request to the keeper and parses the answer with a schema. Throws only `KeeperError`. */
export async function ask<T>(schema: z.ZodType<T>, path: string, { method, body }: Ask = {}): Promise<T> {
  const answer = await send(path, method ?? (body === undefined ? 'GET' : 'POST'), body)
  const text = await answer.text()
  const value = readJson(text)
  if (isProxys(answer, value)) connection.lost()
  else connection.heard(answer)
  if (!answer.ok) throw new KeeperError(answer.status, failureOf(answer, value))
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new KeeperError(answer.status, {
    code: 'dashboard.unknown-answer',
    what: 'the keeper answered in a way that this page does not know',
    why: `${path}: ${read.error.issues[0]?.path.join('.')} ${read.error.issues[0]?.message}`,
    fix: 'reload the page: the keeper was probably updated since it was opened',
  })
}

async function send(path: string, method: string, body: unknown): Promise<Response> {
  const headers: HeadersInit = body === undefined ? {} : { 'content-type': 'application/json' }
  try {
    const answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    })
    return answer
  } catch (error) {
    connection.lost()
    throw new KeeperError(0, away(error instanceof Error ? error.message : String(error)))
  }
}

const away = (why: string): Failure => ({
  code: 'keeper.away',
  what: 'the keeper does not answer; the apps go on without it',
  why,
  fix: 'on the server: `inn status`',
})

/** Whether a reverse proxy answered because it found no keeper. A 503 of the keeper itself has a failure in its body. */
const isProxys = (answer: Response, value: unknown): boolean =>
  answer.status >= 502 && answer.status <= 504 && !FailureAnswer.safeParse(value).success

/** The failure of an answer: the keeper's own, or made from what the sign-in library or a reverse proxy said. */
function failureOf(answer: Response, value: unknown): Failure {
  const ours = FailureAnswer.safeParse(value)
  if (ours.success) return ours.data.failure
  if (answer.status >= 502 && answer.status <= 504)
    return away(`a proxy in between answered ${answer.status}`)
  const theirs = (value ?? {}) as { message?: unknown; code?: unknown }
  const said =
    typeof theirs.message === 'string'
      ? theirs.message
      : `the answer was ${answer.status} ${answer.statusText}`
  return {
    code: typeof theirs.code === 'string' ? theirs.code : `http.${answer.status}`,
    what: said,
    why: `the keeper answered ${answer.status}`,
    fix: 'try again; `inn logs keeper` shows more',
  }
}

function readJson(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    // Not JSON: an error page of a reverse proxy. Its status is enough.
    return null
  }
}

/** The failure to show for any thrown value. A bug of this page is shown as one. */
export function failureFrom(error: unknown): Failure {
  if (error instanceof KeeperError) return error.failure
  return {
    code: 'dashboard.defect',
    what: 'this page met a case that it did not expect',
    why: error instanceof Error ? error.message : String(error),
    fix: 'reload; the command line shows the same: `inn status`',
  }
}
