import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { addDays } from '../src/calendar/day.ts'
import { openDatabase, type PooledDatabase } from '../src/database/database.ts'
import { outbox } from '../src/outbox/schema.ts'
import { serviceDays } from '../src/service-days/schema.ts'
import { as, type Caller, caller, env, logIn, migrated, peopled, type Started, startApp, until } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'

let cluster: Cluster
let db: PooledDatabase
let app: Started
let ids: { brightwater: number; cobalt: number }
let admin: Caller
let kitchen: Caller
let customer: Caller
let stranger: Caller
const today = new Date().toISOString().slice(0, 10)

before(async () => {
  cluster = startCluster()
  const url = await migrated(cluster)
  ids = await peopled(url)
  db = openDatabase(url, 2)
  app = await startApp(env(url))
  const people = ['admin', 'caterer', 'brightwater', 'cobalt'].map(who => as(app.url, who))
  ;[admin, kitchen, customer, stranger] = (await Promise.all(people)) as [Caller, Caller, Caller, Caller]
})
after(async () => {
  await app.stop()
  await db.$client.end()
  cluster.stop()
})

const agreement = (more: object = {}) => ({
  companyId: ids.brightwater,
  title: 'Lunch',
  portionsPerDay: 40,
  priceCents: 1150,
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  startsOn: '2026-01-01',
  ...more,
})
const agreed = async (more: object = {}): Promise<number> =>
  (await admin('POST', '/contracts', agreement(more))).body.id
const daysOf = async (contractId: number) => (await kitchen('GET', `/service-days?contractId=${contractId}`)).body
const become = (id: number, status: string) => admin('POST', `/contracts/${id}/status`, { status })

/** Both requests have come to the row before either of them gets it. */
const atTheSameMoment = <T>(id: number, requests: () => Promise<T>[]): Promise<T[]> => {
  const waiting = sql`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
  return db
    .transaction(async tx => {
      await tx.select().from(serviceDays).where(eq(serviceDays.id, id)).for('update')
      const answers = Promise.all(requests())
      await until(async () => (await tx.execute(waiting)).rowCount === 2)
      return { answers }
    })
    .then(({ answers }) => answers)
}

test('every route that is described refuses those who are not logged in, but for the few that are open', async () => {
  const { body } = await caller(app.url)('GET', '/docs-json')
  const open: string[] = []
  for (const [path, methods] of Object.entries<object>(body.paths)) {
    for (const method of Object.keys(methods)) {
      const asked = path.replace('/api', '').replace('{id}', '1')
      const { status } = await caller(app.url)(method.toUpperCase(), asked, method === 'get' ? undefined : {})
      if (status !== 401) open.push(`${method} ${path} ${status}`)
    }
  }
  deepEqual(open, [
    'post /api/auth/login 400',
    'post /api/auth/refresh 400',
    'post /api/auth/logout 400',
    'get /api/health 200',
  ])
  equal(Object.keys(body.paths).length, 19)
  equal((await caller(app.url, 'made.up.token')('GET', '/companies')).status, 401)
})

test('roles: who may do what', async () => {
  const asked: [string, string, object?][] = [
    ['GET', '/companies'],
    ['GET', '/users'],
    ['GET', '/outbox'],
    ['POST', '/companies', {}],
    ['POST', '/contracts', {}],
    ['POST', '/service-days/generate'],
    ['PUT', '/service-days/1/served', {}],
    ['GET', '/reports/weekly.csv?week=2026-W12'],
  ]
  const statuses = async (who: Caller) =>
    Promise.all(asked.map(async ([method, path, body]) => (await who(method, path, body)).status))
  deepEqual(await statuses(admin), [200, 200, 200, 400, 400, 200, 403, 200])
  deepEqual(await statuses(kitchen), [200, 403, 403, 403, 403, 403, 400, 200])
  deepEqual(await statuses(customer), [200, 403, 403, 403, 403, 403, 400, 200])
  match((await customer('GET', '/users')).body.message, /^This is for admin, and you are customer$/)
})

test('customers see their own company, its contracts and days, and nothing of others', async () => {
  const id = await agreed()
  const [day] = await daysOf(id)
  deepEqual(
    (await customer('GET', '/companies')).body.map((one: { name: string }) => one.name),
    ['Brightwater'],
  )
  equal((await customer('GET', `/service-days/${day.id}`)).status, 200)
  const refused = [`/companies/${ids.brightwater}`, `/contracts/${id}`, `/service-days/${day.id}`]
  deepEqual(await Promise.all(refused.map(async path => (await stranger('GET', path)).status)), [404, 404, 404])
  equal((await stranger('PUT', `/service-days/${day.id}/expected`, { portions: 1 })).status, 404)
  deepEqual((await stranger('GET', `/service-days?contractId=${id}`)).body, [])
  equal(
    (await stranger('GET', `/reports/weekly.csv?week=2026-W12&companyId=${ids.brightwater}`)).body.split('\r\n').length,
    2,
  )
})

test('what is wrong is named, field by field', async () => {
  const wrong = {
    companyId: 'x',
    title: '',
    portionsPerDay: 0,
    priceCents: -1,
    weekdays: [8, 8],
    startsOn: '2026-02-30',
    extra: 1,
  }
  const { status, body } = await admin('POST', '/contracts', wrong)
  equal(status, 400)
  const said = body.message.join('\n')
  for (const part of [
    'extra should not exist',
    'companyId must be',
    'title must be',
    'portionsPerDay must',
    'priceCents must',
    'weekdays must not be greater than 7',
    "weekdays's elements must be unique",
    'startsOn is a day like 2026-03-06',
  ])
    match(said, new RegExp(part))
  match((await admin('POST', '/contracts', agreement({ companyId: 9999 }))).body.message, /There is no company 9999/)
  match(
    (await admin('POST', '/contracts', agreement({ endsOn: '2025-01-01' }))).body.message,
    /endsOn is before startsOn/,
  )
  match((await kitchen('GET', '/service-days?from=2026-01-01&to=2027-01-01')).body.message, /92 days at most/)
  for (const path of ['/contracts/one', '/contracts/99999999999']) equal((await admin('GET', path)).status, 400, path)
  const nameless = { name: null }
  match((await admin('PATCH', `/companies/${ids.cobalt}`, nameless)).body.message.join(), /name must be a string/)
  equal((await admin('PATCH', `/companies/${ids.cobalt}`, { city: 'De\0lft' })).status, 400)
})

test('accounts: customers need a company, and an address is used once', async () => {
  const person = { email: 'New@Parsley.example', name: 'New', role: 'customer', password: 'long enough it is' }
  match((await admin('POST', '/users', person)).body.message, /companyId is for customers/)
  match((await admin('POST', '/users', { ...person, companyId: 9999 })).body.message, /There is no company 9999/)
  const added = await admin('POST', '/users', { ...person, companyId: ids.cobalt })
  deepEqual([added.status, added.body.email, 'passwordHash' in added.body], [201, 'new@parsley.example', false])
  equal((await admin('POST', '/users', { ...person, companyId: ids.cobalt })).status, 409)
})

test('a contract changes as the status machine allows, else 409 names what is allowed; its days follow', async () => {
  const id = await agreed()
  equal((await daysOf(id)).length, 14)
  equal((await become(id, 'paused')).body.status, 'paused')
  equal((await daysOf(id)).length, 1)
  const again = await become(id, 'paused')
  deepEqual([again.status, again.body.allowed], [409, ['active', 'terminated']])
  await become(id, 'active')
  equal((await daysOf(id)).length, 14)
  const ended = await admin('PATCH', `/contracts/${id}`, { endsOn: addDays(today, 4) })
  deepEqual([ended.body.endsOn, (await daysOf(id)).length], [addDays(today, 4), 5])
  equal((await admin('PATCH', `/contracts/${id}`, { endsOn: null })).body.endsOn, null)
  equal((await become(id, 'terminated')).status, 200)
  const final = await become(id, 'active')
  deepEqual(
    [final.status, final.body.message, final.body.allowed],
    [409, 'The contract is terminated, which is final', []],
  )
  equal((await admin('PATCH', `/contracts/${id}`, { portionsPerDay: 3 })).status, 409)
  equal((await become(id, 'resting')).status, 400)
  const told = (await db.select().from(outbox))
    .filter(({ payload }) => payload.contractId === id)
    .map(({ kind }) => kind)
  deepEqual(told, ['contract.paused', 'contract.active', 'contract.terminated'])
})

test('a changed contract makes the coming days anew, but for those that somebody confirmed', async () => {
  const id = await agreed()
  const [, tomorrow] = await daysOf(id)
  await customer('PUT', `/service-days/${tomorrow.id}/expected`, { portions: 33 })
  const { status, body } = await admin('PATCH', `/contracts/${id}`, { portionsPerDay: 50 })
  deepEqual([status, body.portionsPerDay, body.title], [200, 50, 'Lunch'])
  const portions = (await daysOf(id)).map((day: { expected: { portions: number } }) => day.expected.portions)
  deepEqual(portions.slice(0, 4), [40, 33, 50, 50])
})

test('expected and served portions are confirmed by both sides, and then final', async () => {
  const [day, tomorrow] = await daysOf(await agreed())
  const state = (who: Caller, figure: string, portions: number) =>
    who('PUT', `/service-days/${day.id}/${figure}`, { portions })
  const confirmed = async (answer: Promise<{ body: Record<string, { confirmed: boolean }> }>, figure: string) =>
    (await answer).body[figure]!.confirmed
  equal(await confirmed(state(kitchen, 'expected', 40), 'expected'), false)
  equal(await confirmed(state(customer, 'expected', 38), 'expected'), false)
  equal(await confirmed(state(kitchen, 'expected', 38), 'expected'), true)
  match((await state(customer, 'expected', 37)).body.message, /Both sides have confirmed 38 portions/)
  match((await kitchen('PUT', `/service-days/${tomorrow.id}/served`, { portions: 1 })).body.message, /has not come yet/)
  const both = await atTheSameMoment(day.id, () => [state(kitchen, 'served', 36), state(customer, 'served', 36)])
  deepEqual(
    both.map(({ status }) => status),
    [200, 200],
  )
  const { body } = await kitchen('GET', `/service-days/${day.id}`)
  deepEqual([body.served.portions, body.served.confirmed, body.expected.portions], [36, true, 38])
  equal((await state(customer, 'expected', 38)).status, 409)
  equal((await state(customer, 'served', 36)).status, 200)
  equal((await state(kitchen, 'served', -1)).status, 400)
  const told = (await db.select().from(outbox)).filter(({ payload }) => payload.serviceDayId === day.id)
  deepEqual(
    told.map(({ kind, payload }) => [kind, payload.expected, payload.served]),
    [['service-day.confirmed', 38, 36]],
  )
})

test('the weekly report, as CSV', async () => {
  const title = '=Soup, "green"'
  const contractId = await agreed({ companyId: ids.cobalt, title })
  const at = new Date('2026-03-16T12:00Z')
  const both = { servedByCatererAt: at, servedByCustomerAt: at }
  await db.insert(serviceDays).values([
    { contractId, day: '2026-03-15', expectedPortions: 99 },
    { contractId, day: '2026-03-16', expectedPortions: 40, servedPortions: 38, ...both },
    { contractId, day: '2026-03-22', expectedPortions: 40, servedPortions: 41, servedByCatererAt: at },
    { contractId, day: '2026-03-18', expectedPortions: 40 },
    { contractId, day: '2026-03-23', expectedPortions: 99 },
  ])
  const { status, headers, body } = await stranger('GET', '/reports/weekly.csv?week=2026-W12')
  deepEqual([status, headers.get('content-type')], [200, 'text/csv; charset=utf-8'])
  equal(headers.get('content-disposition'), 'attachment; filename="portions-2026-W12.csv"')
  const quoted = `Cobalt,"'=Soup, ""green"""`
  equal(
    body,
    [
      'company,contract,day,expected,served,difference,confirmed,amount',
      `${quoted},2026-03-16,40,38,-2,yes,437.00`,
      `${quoted},2026-03-18,40,,,no,`,
      `${quoted},2026-03-22,40,41,1,no,471.50`,
      '',
    ].join('\r\n'),
  )
  equal((await kitchen('GET', '/reports/weekly.csv?week=2026-W54')).status, 400)
  match((await kitchen('GET', '/reports/weekly.csv')).body.message[0], /week is a week of a year/)
})

test('deleting is soft, comes after what goes on has ended, and logs the people out', async () => {
  const { body: company } = await admin('POST', '/companies', {
    name: 'Elm',
    city: 'Gouda',
    contactEmail: 'office@elm.example',
  })
  const path = `/companies/${company.id}`
  const person = {
    email: 'elm@parsley.example',
    name: 'Elm',
    role: 'customer',
    companyId: company.id,
    password: 'a password of the tests',
  }
  await admin('POST', '/users', person)
  const { refreshToken } = (await logIn(app.url, 'elm')).body
  const id = await agreed({ companyId: company.id })
  equal((await admin('PATCH', path, { city: 'Leiden' })).body.city, 'Leiden')
  equal((await admin('PATCH', path, { name: 'Cobalt' })).status, 409)
  match((await admin('DELETE', path)).body.message, /1 contracts that go on: terminate them first/)
  match((await admin('DELETE', `/contracts/${id}`)).body.message, /The contract is active: terminate it first/)
  await become(id, 'terminated')
  equal((await admin('DELETE', `/contracts/${id}`)).status, 204)
  deepEqual([(await admin('GET', `/contracts/${id}`)).status, (await daysOf(id)).length], [404, 0])
  equal((await admin('DELETE', path)).status, 204)
  deepEqual([(await admin('GET', path)).status, (await admin('DELETE', path)).status], [404, 404])
  deepEqual(
    [(await caller(app.url)('POST', '/auth/refresh', { refreshToken })).status, (await logIn(app.url, 'elm')).status],
    [401, 401],
  )
  const kept = await db.$client.query('select deleted_at from companies where id = $1', [company.id])
  equal(kept.rows[0].deleted_at !== null, true)
  equal(
    (await admin('POST', '/companies', { name: 'Elm', city: 'Gouda', contactEmail: 'office@elm.example' })).status,
    201,
  )
})

test('service days are listed by the span of days', async () => {
  const id = await agreed()
  const { body } = await kitchen(
    'GET',
    `/service-days?contractId=${id}&from=${addDays(today, 2)}&to=${addDays(today, 4)}`,
  )
  deepEqual(
    body.map((day: { day: string }) => day.day),
    [2, 3, 4].map(days => addDays(today, days)),
  )
  deepEqual((await kitchen('GET', `/service-days?contractId=${id}&page=2`)).body, [])
})
