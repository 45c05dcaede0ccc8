import { Agent, request } from 'node:http'

/** Where the keeper is, and as whom it is asked. */
export interface Keeper {
  socket: string
  token: string
}

/** What Innkeeper gives to each process of an app that may use it; null: nobody runs this app. */
export function keeperHere(env: Readonly<Record<string, string | undefined>> = process.env): Keeper | null {
  const { INNKEEPER_SOCKET: socket, INNKEEPER_APP_TOKEN: token } = env
  return socket === undefined || token === undefined ? null : { socket, token }
}

/** What is wrong, and what to do. `code` is for programs: docs/errors.md of Innkeeper has all of them. */
export class InnkeeperError extends Error {
  override readonly name = 'InnkeeperError'
  readonly code: string
  readonly why: string
  readonly fix: string

  constructor(failure: { code: string; what: string; why: string; fix: string }) {
    super(`${failure.what}: ${failure.why}. ${failure.fix}`)
    this.code = failure.code
    this.why = failure.why
    this.fix = failure.fix
  }
}

/** Nobody answered in time, or whoever did asks for another try: what was asked may have been done. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
}

// The keeper has few connections for all processes of an app, so each keeps one for its next call. It keeps no process alive.
const agent = new Agent({ keepAlive: true, maxSockets: 4, maxFreeSockets: 1 })
const MOST_ANSWER = 4 * 1024 * 1024

interface Asked {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  body?: object
  timeoutMs: number
}

/** Asks the keeper. Rejects with InnkeeperError where something has to be corrected, else with NoAnswer. */
export async function ask(keeper: Keeper, asked: Asked): Promise<unknown> {
  const { status, text } = await answerOf(keeper, asked).catch((error: unknown) => {
    throw new NoAnswer(`the keeper does not answer: ${String(error)}`, { cause: error })
  })
  const said = parsed(text) as { failure?: ConstructorParameters<typeof InnkeeperError>[0] } | null
  if (status < 300 && said !== null) return said
  if (status === 429 || status >= 500 || said?.failure === undefined)
    throw new NoAnswer(said?.failure === undefined ? `the keeper answered ${status}` : said.failure.what)
  throw new InnkeeperError(said.failure)
}

function answerOf({ socket, token }: Keeper, { method, path, body, timeoutMs }: Asked) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const json = body === undefined ? null : Buffer.from(JSON.stringify(body))
    const headers = {
      authorization: `Bearer ${token}`,
      ...(json === null ? {} : { 'content-type': 'application/json', 'content-length': json.length }),
    }
    const call = request({ socketPath: socket, path, method, headers, agent }, response => {
      const pieces: Buffer[] = []
      let bytes = 0
      response.on('data', (piece: Buffer) => {
        bytes += piece.length
        if (bytes > MOST_ANSWER) call.destroy(new Error('the answer is too long'))
        pieces.push(piece)
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 500, text: Buffer.concat(pieces).toString('utf8') }),
      )
    })
    // From the first byte to the last: a keeper that stands still answers nothing, and closes nothing either.
    const timer = setTimeout(() => call.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs)
    call.on('error', reject)
    call.on('close', () => {
      clearTimeout(timer)
      reject(new Error('the connection was closed'))
    })
    call.end(json ?? undefined)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
