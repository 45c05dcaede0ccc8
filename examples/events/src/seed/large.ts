import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { chance, pick } from './chance.ts'
import { firstNames, lastNames } from './names.ts'

export interface Size {
  users: number
  instances: number
  log: number
}

export const million: Size = { users: 20_000, instances: 6_000, log: 1_000_000 }

const ACCOUNT = 'Archive of the city league'
const FIRST_EVENING = Date.UTC(2006, 0, 2, 18, 30)
const LAST_EVENING = Date.UTC(2025, 11, 20, 18, 30)
const HOUR = 60 * 60 * 1000
const FIRST_TELEGRAM_ID = 910_000_000_000_000
const CHUNK = 60_000

/** Twenty years of a league that has ended, the same ones on every machine. False when they are there already. */
export async function seedLarge(url: string, size: Size): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    if ((await client.query('select 1 from accounts where name = $1', [ACCOUNT])).rowCount) return false
    await client.query('begin')
    const seriesId = await addSeries(client)
    await copy(client, 'instances (series_id, starts_at, capacity, announced_at)', instanceLines(size, seriesId))
    await copy(client, 'users (telegram_id, name)', userLines(size))
    const instances = await ids(client, 'select id from instances where series_id = $1 order by starts_at', seriesId)
    const users = await ids(
      client,
      'select id from users where telegram_id >= $1 order by telegram_id',
      FIRST_TELEGRAM_ID,
    )
    await copy(client, 'participation_log (instance_id, user_id, action, at)', logLines(size, { instances, users }))
    await client.query('commit')
    return true
  } finally {
    await client.end()
  }
}

/** Nobody has the key of this account: its hash is that of nothing. */
async function addSeries(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `with account as (insert into accounts (name, key_hash) values ($1, 'none') returning id)
     insert into series (account_id, title, place, starts_at, timezone, rrule, minutes, capacity, chat_id, ended_at)
     select id, 'City league', 'Hall 1', $2::timestamptz at time zone 'UTC', 'UTC', 'FREQ=DAILY', 90, 40, -910000000000000, $3 from account
     returning id`,
    [ACCOUNT, new Date(FIRST_EVENING), new Date(LAST_EVENING)],
  )
  return rows[0]!.id
}

async function ids(client: pg.Client, query: string, value: number): Promise<number[]> {
  return (await client.query<{ id: number }>(query, [value])).rows.map(row => row.id)
}

async function copy(client: pg.Client, into: string, lines: Iterable<unknown[]>): Promise<void> {
  const sink: Writable = client.query(copyFrom(`copy ${into} from stdin`))
  await pipeline(Readable.from(inChunks(lines)), sink)
}

/** One chunk for each line would spend the time on the stream itself. */
function* inChunks(lines: Iterable<unknown[]>): Generator<string> {
  let chunk = ''
  for (const line of lines) {
    chunk += `${line.join('\t')}\n`
    if (chunk.length > CHUNK) {
      yield chunk
      chunk = ''
    }
  }
  yield chunk
}

const eveningAt = (i: number, { instances }: Size) =>
  FIRST_EVENING + Math.floor((i * (LAST_EVENING - FIRST_EVENING)) / instances / HOUR) * HOUR

function* instanceLines(size: Size, seriesId: number): Generator<unknown[]> {
  for (let i = 0; i < size.instances; i++) {
    const at = eveningAt(i, size)
    yield [seriesId, new Date(at).toISOString(), 40, new Date(at - 48 * HOUR).toISOString()]
  }
}

function* userLines({ users }: Size): Generator<unknown[]> {
  const random = chance(11)
  for (let i = 0; i < users; i++)
    yield [FIRST_TELEGRAM_ID + i, `${pick(random, firstNames)} ${pick(random, lastNames)}`]
}

/** In order of time, as they would have been written. */
function* logLines(size: Size, { instances, users }: { instances: number[]; users: number[] }): Generator<unknown[]> {
  const random = chance(13)
  const perEvening = size.log / size.instances
  for (let i = 0; i < size.log; i++) {
    const evening = Math.floor(i / perEvening)
    const at = eveningAt(evening, size) - 48 * HOUR + Math.floor(((i % perEvening) / perEvening) * 40 * HOUR)
    const action = random() < 0.72 ? 'JOINED' : random() < 0.6 ? 'LEFT' : random() < 0.5 ? 'GUEST_JOINED' : 'WAITING'
    yield [instances[evening], pick(random, users), action, new Date(at).toISOString()]
  }
}
