import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import { chance } from './chance.ts'
import { firstNames, lastNames } from './names.ts'

export interface Size { therapists: number; patientsEach: number; sessionsEach: number }

export const million: Size = { therapists: 200, patientsEach: 100, sessionsEach: 5000 }

/** Nobody of the past logs in: these accounts are closed and have no password. */
const HOST = 'past.lindenhof.example'
const FIRST_MONDAY = Date.UTC(2021, 0, 4)
const HOUR = 60 * 60 * 1000
const HOURS_A_DAY = 8
const DAYS_A_WEEK = 5

/** Adds past sessions, the same ones on every machine, in one transaction. False when they are there already. */
export async function seedLarge(url: string, size: Size): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const there = await client.query('select 1 from accounts where email = $1', [email('therapist', 0)])
    if (there.rowCount) return false
    await client.query('begin')
    await addPeople(client, size)
    const columns = 'therapist_id, patient_id, during, kind, state, created_at'
    const [therapists, patients] = [await idsOf(client, 'therapist'), await idsOf(client, 'patient')]
    await copy(client, { into: `sessions (${columns})`, lines: sessionLines(size, therapists, patients) })
    await client.query('commit')
    return true
  } finally {
    await client.end()
  }
}

async function addPeople(client: pg.Client, size: Size): Promise<void> {
  const count = size.therapists * size.patientsEach
  const columns = 'email, name, role, active, created_at'
  await copy(client, { into: `accounts (${columns})`, lines: accountLines('therapist', size.therapists) })
  await copy(client, { into: `accounts (${columns})`, lines: accountLines('patient', count) })
  const therapists = await idsOf(client, 'therapist')
  const patients = await idsOf(client, 'patient')
  await copy(client, {
    into: 'therapists (id, approach, room, fee_cents)',
    lines: therapists.map((id) => [id, 'Cognitive behavioural therapy', 'Old house', 9000].join('\t')),
  })
  await copy(client, {
    into: 'patients (id, therapist_id, born, phone)',
    lines: patients.map((id, i) => [id, therapists[Math.floor(i / size.patientsEach)], '1980-01-01', '+43 1 555 0000'].join('\t')),
  })
}

const email = (role: string, i: number) => `${role}-${String(i).padStart(6, '0')}@${HOST}`

async function idsOf(client: pg.Client, role: string): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>('select id from accounts where email like $1 order by email', [`${role}-%@${HOST}`])
  return rows.map((row) => row.id)
}

function* accountLines(role: string, count: number): Generator<string> {
  const random = chance(role.length)
  const pick = (names: string[]) => names[Math.floor(random() * names.length)]
  for (let i = 0; i < count; i++) {
    yield [email(role, i), `${pick(firstNames)} ${pick(lastNames)}`, role, 'f', new Date(FIRST_MONDAY).toISOString()].join('\t')
  }
}

/**
 * Hour after hour of one therapist after the other, with patients of their own: nobody is anywhere twice. In this order
 * neighbours in the file are neighbours in the indexes, where each line is compared with those around it.
 */
function* sessionLines({ sessionsEach, patientsEach }: Size, therapists: number[], patients: number[]): Generator<string> {
  const random = chance(3)
  for (const [t, therapist] of therapists.entries()) {
    for (let i = 0; i < sessionsEach; i++) {
      const day = Math.floor(i / HOURS_A_DAY)
      const date = Math.floor(day / DAYS_A_WEEK) * 7 + (day % DAYS_A_WEEK)
      const at = FIRST_MONDAY + (date * 24 + 8 + (i % HOURS_A_DAY)) * HOUR
      const during = `[${new Date(at).toISOString()},${new Date(at + 50 * 60_000).toISOString()})`
      const patient = patients[t * patientsEach + Math.floor(random() * patientsEach)]
      const state = random() < 0.92 ? 'held' : random() < 0.5 ? 'missed' : 'cancelled'
      const kind = random() < 0.25 ? 'video' : 'individual'
      yield [therapist, patient, during, kind, state, new Date(at - 14 * 24 * HOUR).toISOString()].join('\t')
    }
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
