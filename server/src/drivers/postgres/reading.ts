import pg from 'pg'
import { postgresPlace } from './asking.ts'
import { withinBounds } from './bounds.ts'

const MOST_ROWS = 50
const LONGEST_VALUE = 200
/** Of all rows together, before values are cut. */
const MOST_BYTES = 16 * 1024 ** 2

interface Found {
  columns: string[]
  rows: Array<Array<string | null>>
  more: boolean
}

/**
 * Reads rows with the rights of the role that the address names. A cursor takes one statement that reads, in a transaction
 * that cannot write, so nothing is changed. `url`: of a database on this server. Rejects with what PostgreSQL says,
 * or with the failure `database.bounds`.
 */
export async function readRows(url: string, text: string, timeoutMs: number): Promise<Found> {
  const { host, port, user, password, database } = postgresPlace(url)
  const client = new pg.Client({
    ...{ host, port, user, database, password: () => password, connectionTimeoutMillis: 5_000 },
    ...{ statement_timeout: timeoutMs, application_name: 'innkeeper-runbook' },
  })
  client.on('error', () => {}) // The query under way rejects with the same error.
  try {
    await client.connect()
    return await withinBounds(client, { timeoutMs, mostBytes: MOST_BYTES }, () => fetched(client, text))
  } finally {
    void client.end().catch(() => {})
    client.connection.stream.destroy()
  }
}

async function fetched(client: pg.Client, text: string): Promise<Found> {
  await client.query('begin read only')
  // Extended, because the simple protocol would take several statements at once.
  await client.query({
    text: `declare found no scroll cursor for ${text}`,
    queryMode: 'extended',
  } as pg.QueryConfig)
  const { fields, rows } = await client.query<Array<string | null>>({
    ...{ text: `fetch ${MOST_ROWS + 1} from found`, rowMode: 'array' },
    types: { getTypeParser: () => (value: string) => value },
  } as pg.QueryArrayConfig)
  return {
    columns: fields.map(({ name }) => name),
    rows: rows.slice(0, MOST_ROWS).map(row => row.map(value => value?.slice(0, LONGEST_VALUE) ?? null)),
    more: rows.length > MOST_ROWS,
  }
}
