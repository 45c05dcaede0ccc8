import type pg from 'pg'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { answers } from '../host/answers.ts'
import { SILENT_MS, vigil, whileAnswering } from '../host/vigil.ts'

/** The SSLRequest of PostgreSQL's protocol, which any server answers with one byte and without a sign-in. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])

interface Listening {
  /** A name, an address, or the folder of a socket. */
  host: string
  port: number
}

/** Whether a server answers now. A frozen one has its port open, and says nothing. */
export const postgresAnswers = ({ host, port }: Listening): Promise<boolean> =>
  answers(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }, SSL_REQUEST)

const silent = (): Failure =>
  new Failure('database.unreachable', 'the database of the app does not answer', {
    why: `it said nothing for ${showDuration(SILENT_MS)}: its processes are frozen (SIGSTOP), or its disk or its machine hangs`,
    fix: 'check that its server runs (`inn status`, `inn logs APP --service postgres`), then try again',
  })

/** Does work of another program with a server, and cuts it off when the server says nothing for half a minute. Failure `database.unreachable`. */
export const whilePostgresAnswers = <T>(
  at: Listening,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => whileAnswering({ answers: () => postgresAnswers(at), failure: silent, signal }, work)

/** Longest wait for a server to close a connection that is given up anyway. */
const GOODBYE_MS = 5_000

/**
 * The same client, which does not wait for a frozen server: a query fails with `database.unreachable` when the server
 * answers nobody for half a minute. A query itself may take as long as it needs.
 */
export function watched(client: pg.Client): pg.Client {
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>
  const end = client.end.bind(client)
  const hangUp = () => client.connection.stream.destroy()
  const patient = async (...given: unknown[]): Promise<unknown> => {
    let failure: Failure | null = null
    const over = vigil(
      () => postgresAnswers(client),
      () => {
        failure = silent()
        hangUp()
      },
    )
    try {
      return await query(...given)
    } catch (error) {
      throw failure ?? error
    } finally {
      over()
    }
  }
  return Object.assign(client, {
    query: patient as typeof client.query,
    end: async () => {
      const timer = setTimeout(hangUp, GOODBYE_MS)
      await end().finally(() => clearTimeout(timer))
    },
  })
}
