import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Client } from 'pg'
import { from } from 'pg-copy-streams'
import { TaskKind, TaskPriority, TaskStatus } from '../generated/prisma/enums'
import { chance, pickBy } from './chance'
import { JOBS } from './words'

export const MILLION = 1_000_000

const FIRST_DAY = Date.UTC(2005, 0, 1)
const LAST_DAY = Date.UTC(2025, 0, 1)
const HOUR = 3_600_000
/** All of them are over, so that they are in nobody's way. */
const ENDED = [TaskStatus.verified, TaskStatus.verified, TaskStatus.verified, TaskStatus.verified, TaskStatus.cancelled]
/** In the title of every one of them. */
const MARK = '(archive)'

/** Adds past tasks, the same ones every time, in one transaction. False when they are there already. */
export async function seedLarge(url: string, count: number): Promise<boolean> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const there = await client.query('select 1 from tasks where created_at = $1 and title like $2 limit 1', [
      new Date(FIRST_DAY),
      `%${MARK}`,
    ])
    if (there.rowCount) return false
    const ids = async (table: 'suites' | 'employees') =>
      (await client.query<{ id: number }>(`select id from ${table} order by id`)).rows.map(row => row.id)
    const [suites, people] = [await ids('suites'), await ids('employees')]
    const columns = 'suite_id, kind, title, priority, status, assignee_id, creator_id, due_at, created_at, changed_at'
    // One COPY is one statement: all of them, or none.
    const sink: Writable = client.query(from(`copy tasks (${columns}) from stdin`))
    await pipeline(Readable.from(inBatches(lines(count, suites, people))), sink)
    return true
  } finally {
    await client.end()
  }
}

/** One chunk for each line would spend the time on the stream itself. */
function* inBatches(lines: Iterable<string>): Generator<string> {
  let batch = ''
  for (const line of lines) {
    batch += `${line}\n`
    if (batch.length > 60_000) {
      yield batch
      batch = ''
    }
  }
  yield batch
}

function* lines(count: number, suites: number[], people: number[]): Generator<string> {
  const random = chance(2)
  const pick = pickBy(random)
  const [kinds, priorities] = [Object.values(TaskKind), Object.values(TaskPriority)]
  const at = (time: number) => new Date(time).toISOString()
  for (let i = 0; i < count; i++) {
    const created = FIRST_DAY + Math.floor((i * (LAST_DAY - FIRST_DAY)) / count)
    const kind = pick(kinds)
    const status = pick(ENDED)
    const assignee = status === 'cancelled' ? '\\N' : pick(people)
    const changed = at(created + Math.ceil(random() * 10) * HOUR)
    yield [
      ...[pick(suites), kind, `${pick(JOBS[kind])} ${MARK}`, pick(priorities), status, assignee, pick(people)],
      ...[at(created + 12 * HOUR), at(created), changed],
    ].join('\t')
  }
}
