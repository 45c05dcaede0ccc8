import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type App, ask, logIn, seed, startApp, type Visitor } from './app.ts'
import { seedLarge } from '../src/seed/large.ts'
import { startCluster } from './cluster.ts'

const cluster = startCluster()
const exportsDir = mkdtempSync(join(tmpdir(), 'clinic-exports-'))
let app: App
let admin: Visitor
let mira: Visitor
let patients: { id: number; email: string }[]

before(async () => {
  const databaseUrl = await cluster.database()
  await seed(databaseUrl)
  await seed(databaseUrl)
  app = await startApp({ DATABASE_URL: databaseUrl, EXPORTS_DIR: exportsDir })
  admin = await logIn(app, 'office@lindenhof.example')
  mira = await logIn(app, 'mira.albrecht@lindenhof.example')
  patients = (await mira.ask('GET', '/patients')).body
})

after(async () => {
  // The cluster ends also when the app never began.
  cluster.stop()
  rmSync(exportsDir, { recursive: true })
  await app.kill()
})

test('seeding twice gives one clinic', async () => {
  equal((await admin.ask('GET', '/patients?limit=500')).body.length, 120)
  equal((await admin.ask('GET', '/therapists')).body.length, 8)
})

test('twenty who want the same hour at once: one gets it, the others are told why', async () => {
  const startsAt = '2031-03-03T09:00:00Z'
  const patientIds = patients.map((p) => p.id).slice(0, 10)
  const asked = [...patientIds, ...patientIds].map((patientId, i) =>
    admin.ask('POST', '/sessions', { patientId, startsAt: `2031-03-03T09:${i % 2 ? '00' : '25'}:00Z` }))
  const answers = await Promise.all(asked)
  const won = answers.filter((a) => a.status === 201)
  const lost = answers.filter((a) => a.status === 409)
  deepEqual([won.length, lost.length], [1, 19])
  const { clash, error } = lost[0]!.body
  equal(error, 'double_booking')
  deepEqual([clash.startsAt, clash.endsAt], [won[0]!.body.startsAt, won[0]!.body.endsAt])
  const stored = await admin.ask('GET', `/sessions?from=${startsAt}&to=2031-03-03T12:00:00Z`)
  equal(stored.body.length, 1)
})

test('a patient cannot be with two therapists at once, and one hour may follow the other', async () => {
  const patientId = patients[1]!.id
  const other = (await admin.ask('GET', '/therapists')).body.find((t: { id: number }) => t.id !== mira.id)
  const book = (startsAt: string, therapistId?: number) => admin.ask('POST', '/sessions', { patientId, startsAt, therapistId })
  equal((await book('2031-03-04T09:00:00Z')).status, 201)
  const clashing = await book('2031-03-04T09:49:00Z', other.id)
  deepEqual([clashing.status, clashing.body.clash.with], [409, 'patient'])
  equal((await book('2031-03-04T09:50:00Z', other.id)).status, 201)
})

test('a cancelled session makes room', async () => {
  const booking = { patientId: patients[2]!.id, startsAt: '2031-03-05T09:00:00Z' }
  const first = await mira.ask('POST', '/sessions', booking)
  equal((await mira.ask('PATCH', `/sessions/${first.body.id}`, { state: 'cancelled' })).status, 200)
  equal((await mira.ask('POST', '/sessions', booking)).status, 201)
  equal((await mira.ask('PATCH', `/sessions/${first.body.id}`, { state: 'held' })).status, 409)
})

test('invoices sent at once get numbers without gap or double, also when some fail', async () => {
  const drafts = (await admin.ask('GET', '/invoices?state=draft&limit=500')).body as { id: number }[]
  ok(drafts.length > 10)
  const before = await highestNumber()
  const twice = [...drafts, ...drafts].map(({ id }) => admin.ask('POST', `/invoices/${id}/send`))
  const answers = await Promise.all(twice)
  const sent = answers.filter((a) => a.status === 200).map((a) => Number(a.body.number.split('-')[1]))
  equal(answers.filter((a) => a.status === 409).length, drafts.length)
  deepEqual(sent.toSorted((a, b) => a - b), drafts.map((_, i) => before + i + 1))
})

async function highestNumber(): Promise<number> {
  const year = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Vienna', year: 'numeric' }).format(new Date())
  const invoices = (await admin.ask('GET', '/invoices?limit=500')).body as { number: string | null }[]
  return Math.max(0, ...invoices.filter((i) => i.number?.startsWith(year)).map((i) => Number(i.number!.split('-')[1])))
}

test('a session is on one invoice, however many are made at once, and free again when that is void', async () => {
  const patientId = patients[3]!.id
  await mira.ask('POST', '/invoices', { patientId })
  const startsAt = '2024-02-05T09:00:00Z'
  const session = (await mira.ask('POST', '/sessions', { patientId, startsAt })).body
  await mira.ask('PATCH', `/sessions/${session.id}`, { state: 'held' })
  const answers = await Promise.all(Array.from({ length: 6 }, () => mira.ask('POST', '/invoices', { patientId })))
  deepEqual(answers.map((a) => a.status).sort(), [201, 409, 409, 409, 409, 409])
  const { id, amountCents } = answers.find((a) => a.status === 201)!.body
  equal(amountCents, 11000)
  const { lines } = (await mira.ask('GET', `/invoices/${id}`)).body
  deepEqual(lines, [{ heldOn: '2024-02-05', description: 'Individual session, 50 minutes, Mira Albrecht', amountCents: 11000 }])
  await mira.ask('POST', `/invoices/${id}/send`)
  equal((await mira.ask('POST', `/invoices/${id}/void`)).body.state, 'void')
  equal((await mira.ask('POST', `/invoices/${id}/pay`)).status, 409)
  equal((await mira.ask('POST', '/invoices', { patientId })).status, 201)
})

test('an answered screening is scored and flagged here, and stays as it was', async () => {
  const asked = await mira.ask('POST', `/patients/${patients[4]!.id}/screenings`, { kind: 'phq9', dueOn: '2031-01-01' })
  const path = asked.status === 201 ? `/screenings/${asked.body.id}/answers` : await openPath(patients[4]!.id)
  const patient = await logIn(app, patients[4]!.email)
  const answered = await patient.ask('POST', path, { answers: [2, 2, 2, 2, 2, 0, 0, 0, 1] })
  deepEqual([answered.body.score, answered.body.band, answered.body.flagged], [11, 'moderate', true])
  equal((await patient.ask('POST', path, { answers: Array(9).fill(0) })).status, 409)
  const overview = (await mira.ask('GET', '/overview?from=2031-01-01T00:00:00Z&to=2031-01-08T00:00:00Z')).body
  ok(overview.flagged.some((s: { id: number }) => s.id === answered.body.id))
})

async function openPath(patientId: number): Promise<string> {
  const list = (await mira.ask('GET', `/patients/${patientId}/screenings`)).body
  return `/screenings/${list.find((s: { kind: string; takenAt: unknown }) => s.kind === 'phq9' && !s.takenAt).id}/answers`
}

test('an export is a file that stays, and is asked for again when it is gone', async () => {
  const wanted = { kind: 'invoices', fromDay: '2020-01-01', toDay: '2035-12-31' }
  const made = await admin.ask('POST', '/exports', wanted)
  equal(made.status, 201)
  const csv = (await admin.ask('GET', `/exports/${made.body.id}/file`)).text.trimEnd().split('\n')
  equal(csv[0], 'number,patient,state,amount,sent,due,paid')
  equal(csv.length - 1, made.body.rowCount)
  match(csv[1]!, /^\d{4}-0001,\p{L}/u)
  deepEqual(await readdir(exportsDir), [made.body.file])
  equal((await mira.ask('GET', `/exports/${made.body.id}/file`)).status, 403)
  await rm(join(exportsDir, made.body.file))
  equal((await admin.ask('GET', `/exports/${made.body.id}/file`)).status, 410)
  const sessions = await admin.ask('POST', '/exports', { ...wanted, kind: 'sessions' })
  ok(sessions.body.rowCount > 700)
})

test('everybody sees what is theirs', async () => {
  const someone = await logIn(app, patients[0]!.email)
  equal((await ask(app, { path: '/patients' })).status, 401)
  deepEqual((await someone.ask('GET', '/patients')).body.map((p: { id: number }) => p.id), [someone.id])
  equal((await someone.ask('GET', `/patients/${patients[1]!.id}`)).status, 404)
  equal((await someone.ask('POST', '/sessions', { patientId: patients[1]!.id, startsAt: '2031-01-01T10:00:00Z' })).status, 404)
  equal((await admin.ask('GET', `/patients/${patients[0]!.id}/screenings`)).status, 403)
  equal((await admin.ask('GET', '/conversations')).status, 403)
  const forged = mira.cookie.replace(/\d+/, String(admin.id))
  equal((await ask(app, { path: '/me', cookie: forged })).status, 401)
})

test('input that makes no sense is named', async () => {
  const wrong = await mira.ask('POST', '/sessions', { patientId: 'x', startsAt: 'tomorrow' })
  equal(wrong.status, 400)
  deepEqual(wrong.body.issues.map((i: { path: string }) => i.path), ['patientId', 'startsAt'])
  equal((await mira.ask('POST', '/patients', { name: '=cmd()', email: 'a@b.example' })).status, 400)
  equal((await mira.ask('POST', '/exports', {})).status, 403)
})

test('the large past is added once, and nobody in it is anywhere twice', async () => {
  const databaseUrl = await cluster.database()
  const size = { therapists: 3, patientsEach: 4, sessionsEach: 100 }
  deepEqual([await seedLarge(databaseUrl, size), await seedLarge(databaseUrl, size)], [true, false])
})
