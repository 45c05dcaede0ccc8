import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Config, ConfigError } from '../src/config/config'
import { seedDemo } from '../src/seed/demo'
import { seedLarge } from '../src/seed/large'
import { startMotel, until, Visitor, type Motel } from './motel'

let motel: Motel
let url: string
let manager: Visitor
let desk: Visitor
let cleaner: Visitor

before(async () => {
  motel = await startMotel()
  url = await motel.instance()
  manager = await Visitor.logIn(url, 'manager@lodge.example')
  desk = await Visitor.logIn(url, 'Tobin@lodge.example')
  cleaner = await Visitor.logIn(url, 'dora@lodge.example')
})

after(() => motel.stop())

const newSuite = async (number: string) => (await manager.post('/api/suites', { number, floor: 4, beds: 2 })).body
const idOf = async (visitor: Visitor) => (await visitor.get('/api/session')).body.person.id as number

test('nothing is answered without a log-in, and wrong ones are refused', async () => {
  const nobody = new Visitor(url, 'not.a.token')
  for (const path of ['/api/suites', '/api/tasks', '/api/employees', '/api/notifications', '/api/session'])
    equal((await nobody.get(path)).status, 401, path)
  for (const email of ['manager@lodge.example', 'nobody@lodge.example'])
    equal((await nobody.post('/api/session', { email, password: 'wrong' })).status, 401)
})

test('a stay: let, left with a cleaning task, cleaned, inspected, free', async () => {
  const suite = await newSuite('401')
  equal(suite.status, 'vacant')
  const steps: Array<[Visitor, string]> = [
    [desk, 'occupied'],
    [desk, 'dirty'],
    [cleaner, 'cleaning'],
    [cleaner, 'inspected'],
    [desk, 'vacant'],
  ]
  for (const [who, status] of steps) {
    const moved = await who.post(`/api/suites/${suite.id}/status`, { status })
    equal(moved.status, 201, JSON.stringify(moved.body))
    equal(moved.body.status, status)
  }
  const { body } = await desk.get(`/api/tasks?suiteId=${suite.id}`)
  deepEqual(body.items.map((task: { title: string }) => task.title), ['Clean suite 401'])
})

test('an illegal step is 409 with what is allowed, one of others 403, an unknown suite 404', async () => {
  const { id } = await newSuite('402')
  const wrong = await desk.post(`/api/suites/${id}/status`, { status: 'cleaning' })
  equal(wrong.status, 409)
  deepEqual(wrong.body.allowed, ['occupied', 'out_of_order'])
  equal((await cleaner.post(`/api/suites/${id}/status`, { status: 'occupied' })).status, 403)
  equal((await desk.post('/api/suites/99999/status', { status: 'occupied' })).status, 404)
})

test('of many who let the same suite at once, one succeeds', async () => {
  const { id } = await newSuite('403')
  const answers = await Promise.all(Array.from({ length: 8 }, () => desk.post(`/api/suites/${id}/status`, { status: 'occupied' })))
  deepEqual(answers.map(answer => answer.status).sort(), [201, 409, 409, 409, 409, 409, 409, 409])
})

test('input is checked, and what is wrong is named', async () => {
  const bad = await manager.post('/api/suites', { number: '', floor: 'x', beds: 2, colour: 'red' })
  equal(bad.status, 400)
  match(bad.body.message.join('; '), /colour should not exist.*number must be longer.*floor must be/)
  equal((await manager.get('/api/tasks?limit=1000')).status, 400)
  equal((await manager.get('/api/tasks?status=open,lost')).status, 400)
  equal((await manager.get('/api/suites/one')).status, 400)
  equal((await manager.post('/api/suites', { number: '101', floor: 1, beds: 2 })).status, 409)
  equal((await manager.post('/api/suites/99999/notes', { text: 'Hello' })).status, 404)
  equal((await desk.post('/api/suites', { number: '900', floor: 1, beds: 1 })).status, 403)
})

test('a task: given, begun, done by its assignee alone, verified by the desk; the assignee is told', async () => {
  const { body: task } = await desk.post('/api/tasks', { title: 'Bring a cot', kind: 'errand', priority: 'high' })
  const move = (who: Visitor, body: object) => who.post(`/api/tasks/${task.id}/status`, body)
  const dora = await idOf(cleaner)
  equal((await move(desk, { status: 'done' })).status, 409)
  equal((await move(desk, { status: 'assigned' })).status, 400)
  equal((await move(desk, { status: 'assigned', assigneeId: 99999 })).status, 400)
  equal((await move(desk, { status: 'assigned', assigneeId: dora })).body.assignee.name, 'Dora Finch')
  equal((await move(desk, { status: 'in_progress' })).status, 403)
  for (const status of ['in_progress', 'assigned', 'in_progress', 'done']) equal((await move(cleaner, { status })).status, 201, status)
  equal((await move(cleaner, { status: 'verified' })).status, 403)
  equal((await move(desk, { status: 'verified' })).body.assigneeId, dora)
  await until('the assignee has a notification', async () => {
    const { body } = await cleaner.get('/api/notifications')
    return body.items.some((item: { text: string }) => item.text === 'Tobin Ashe gave you: Bring a cot')
  })
  equal((await cleaner.post('/api/notifications/read', {})).status, 204)
  equal((await cleaner.get('/api/notifications')).body.unread, 0)
})

test('tasks come in pages, newest first, each once', async () => {
  const seen: number[] = []
  let path = '/api/tasks?limit=120'
  for (let next: number | null = 0; next !== null; path = `/api/tasks?limit=120&before=${next}`) {
    const { body } = await manager.get(path)
    seen.push(...body.items.map((task: { id: number }) => task.id))
    next = body.next
  }
  const some = (await manager.get('/api/tasks?status=done,cancelled&limit=200')).body.items
  deepEqual([...new Set(some.map((task: { status: string }) => task.status))].sort(), ['cancelled', 'done'])
  equal(seen.length, await motel.database.task.count())
  deepEqual(seen, [...new Set(seen)].sort((a, b) => b - a))
})

test('managers make accounts and shifts; who has left cannot log in', async () => {
  const given = { email: 'new@lodge.example', name: 'New Person', role: 'reception', password: 'long-enough-pw' }
  equal((await desk.post('/api/employees', given)).status, 403)
  const { body: person } = await manager.post('/api/employees', given)
  ok(!('passwordHash' in person))
  const shift = { employeeId: person.id, startsAt: '2031-01-01T06:00:00Z', endsAt: '2031-01-01T14:00:00Z' }
  equal((await manager.post('/api/shifts', shift)).status, 201)
  equal((await manager.post('/api/shifts', shift)).status, 409)
  equal((await manager.post('/api/shifts', { ...shift, endsAt: shift.startsAt })).status, 400)
  equal((await desk.get('/api/shifts?from=2031-01-01&to=2031-01-02')).body.length, 1)
  await Visitor.logIn(url, given.email, given.password)
  equal((await manager.patch(`/api/employees/${person.id}`, { active: false })).body.active, false)
  equal((await desk.post('/api/session', { email: given.email, password: given.password })).status, 401)
})

test('tokens of the secret before are believed, those of strangers are not', async () => {
  const fresh = { JWT_SECRET: 'another-secret-of-more-than-32-characters' }
  const asked = async (secrets: Record<string, string>) => {
    const { status } = await new Visitor(await motel.instance(secrets), manager.token).get('/api/suites')
    return status
  }
  equal(await asked({ ...fresh, JWT_SECRET_PREVIOUS: motel.environment.JWT_SECRET! }), 200)
  equal(await asked(fresh), 401)
})

test('the seed may run again, and the large one adds the same rows once', async () => {
  const counts = () => Promise.all([motel.database.task.count(), motel.database.shift.count(), motel.database.employee.count()])
  const before = await counts()
  await seedDemo(motel.database, {}, new Date())
  deepEqual(await counts(), before)
  equal(await seedLarge(motel.environment.DATABASE_URL!, 5000), true)
  equal(await seedLarge(motel.environment.DATABASE_URL!, 5000), false)
  equal(await motel.database.task.count(), before[0] + 5000)
})

test('a wrong environment is refused with every problem at once', () => {
  const wrong = () => new Config({ NODE_ENV: 'production', PORT: 'x', DATABASE_POOL_SIZE: '0' })
  try {
    wrong()
    ok(false, 'it was accepted')
  } catch (error) {
    ok(error instanceof ConfigError)
    for (const name of ['PORT', 'DATABASE_POOL_SIZE', 'DATABASE_URL', 'JWT_SECRET']) match(error.message, new RegExp(name))
  }
})
