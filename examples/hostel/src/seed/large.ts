import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import { chance } from './chance.ts'
import { firstNames, lastNames } from './names.ts'

export interface Size { guests: number; checkIns: number }

export const million: Size = { guests: 20_000, checkIns: 1_000_000 }

const PREFIX = 'history-'
const FIRST_DAY = Date.UTC(2005, 0, 1)
const HOUR = 60 * 60 * 1000

/** Adds past check-ins, the same ones on every machine, in one transaction. False when they are there already. */
export async function seedLarge(url: string, size: Size): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from check_ins where ref = $1', [`${PREFIX}0`])
    if (rowCount) return false
    await client.query('begin')
    await copy(client, { into: 'guests (name, phone, created_at)', lines: guestLines(size) })
    const ids = await client.query<{ id: number }>("select id from guests where phone like '+00 %' order by phone")
    const columns = 'ref, guest_id, capsule, state, source, checked_in_at, due_out, checked_out_at'
    const lines = checkInLines(size, ids.rows.map((row) => row.id))
    await copy(client, { into: `check_ins (${columns})`, lines })
    await client.query('commit')
    await client.query('analyze guests, check_ins')
    return true
  } finally {
    await client.end()
  }
}

async function copy(client: pg.Client, { into, lines }: { into: string; lines: Iterable<string> }): Promise<void> {
  const sink: Writable = client.query(copyStreams.from(`copy ${into} from stdin`))
  await pipeline(Readable.from(inBatches(lines)), sink)
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

function* guestLines({ guests }: Size): Generator<string> {
  const random = chance(1)
  const pick = (names: string[]) => names[Math.floor(random() * names.length)]
  for (let i = 0; i < guests; i++) {
    const name = `${pick(firstNames)} ${pick(lastNames)}`
    yield [name, `+00 ${String(i).padStart(9, '0')}`, new Date(FIRST_DAY).toISOString()].join('\t')
  }
}

function* checkInLines({ checkIns }: Size, guestIds: number[]): Generator<string> {
  const random = chance(2)
  const step = (20 * 365 * 24 * HOUR) / checkIns
  for (let i = 0; i < checkIns; i++) {
    const at = FIRST_DAY + Math.floor(i * step)
    const out = new Date(at + (1 + Math.floor(random() * 5)) * 24 * HOUR).toISOString()
    const capsule = `C${String((i % 22) + 1).padStart(2, '0')}`
    const guest = guestIds[Math.floor(random() * guestIds.length)]
    const source = random() < 0.4 ? 'kiosk' : 'desk'
    yield [`${PREFIX}${i}`, guest, capsule, 'left', source, new Date(at).toISOString(), out, out].join('\t')
  }
}
