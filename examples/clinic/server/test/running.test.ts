import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Socket } from 'socket.io-client'
import { type App, ask, connect, logIn, seed, startApp, type Visitor } from './app.ts'
import { startCluster } from './cluster.ts'

const cluster = startCluster()
let databaseUrl: string
let apps: App[] = []
let mira: Visitor
let patient: Visitor

before(async () => {
  databaseUrl = await cluster.database()
  await seed(databaseUrl)
  apps = await Promise.all([1, 2].map(() => startApp({ DATABASE_URL: databaseUrl, DATABASE_POOL_SIZE: '3' })))
  mira = await logIn(apps[0]!, 'mira.albrecht@lindenhof.example')
  const { email } = (await mira.ask('GET', '/patients')).body[0]
  patient = await logIn(apps[1]!, email)
})

after(async () => {
  await Promise.all(apps.map((app) => app.kill()))
  cluster.stop()
})

const heard = (socket: Socket, event: string) => new Promise<any>((done) => socket.once(event, done))

test('a chat between people on two instances: heard, counted as unread, read', async () => {
  const [there, here] = await Promise.all([connect(apps[0]!, mira), connect(apps[1]!, patient)])
  await there.emitWithAck('read', { patientId: patient.id })
  const arrives = heard(there, 'message')
  // Longer than a notification of PostgreSQL may be.
  const body = 'ä'.repeat(4000)
  const sent = await here.emitWithAck('send', { patientId: patient.id, body })
  equal(sent.ok, true)
  equal((await arrives).body, body)
  const conversation = (await mira.ask('GET', '/conversations')).body.find((c: { patientId: number }) => c.patientId === patient.id)
  equal(conversation.unread, 1)
  const isRead = heard(here, 'read')
  await there.emitWithAck('read', { patientId: patient.id })
  deepEqual(await isRead, { patientId: patient.id, readerId: mira.id })
  equal((await patient.ask('GET', `/conversations/${patient.id}/messages`)).body.at(-1).readAt !== null, true)
  here.close()
  there.close()
})

test('nobody listens in, and nobody writes to strangers', async () => {
  const stranger = await logIn(apps[0]!, 'tobias.kern@lindenhof.example')
  const socket = await connect(apps[0]!, stranger)
  socket.on('message', () => { throw new Error('a stranger heard it') })
  const refused = await socket.emitWithAck('send', { patientId: patient.id, body: 'Hello?' })
  deepEqual([refused.ok, refused.error], [false, 'not_found'])
  await patient.ask('POST', `/conversations/${patient.id}/messages`, { body: 'Only for Mira.' })
  await wait(200)
  socket.close()
  await connect(apps[0]!, { cookie: 'clinic_login=1.99999999999999.x' }).then(
    () => { throw new Error('a forged cookie was believed') },
    (error: Error) => equal(error.message, 'not_logged_in'),
  )
})

test('known: told to stop while a socket is open, it takes nothing new and does not end', async () => {
  const app = await startApp({ DATABASE_URL: databaseUrl })
  const socket = await connect(app, patient)
  app.child.kill('SIGTERM')
  await wait(1500)
  equal(app.child.exitCode, null)
  equal((await socket.emitWithAck('send', { patientId: patient.id, body: 'Still here.' })).ok, true)
  await fetch(`${app.url}/api/health`).then(
    () => { throw new Error('it still takes connections') },
    () => {},
  )
  socket.close()
  deepEqual(await once(app.child, 'exit'), [0, null])
})

test('told to stop with no socket open, it ends at once', async () => {
  const app = await startApp({ DATABASE_URL: databaseUrl })
  equal((await ask(app, { path: '/health/ready' })).status, 200)
  app.child.kill('SIGTERM')
  deepEqual(await once(app.child, 'exit'), [0, null])
})

test('outlives a restart of the database, and hears of chats again', async () => {
  const socket = await connect(apps[0]!, mira)
  const resynced = heard(socket, 'resync')
  cluster.restart()
  await resynced
  const { status, body } = await ask(apps[0]!, { path: '/health/ready' })
  deepEqual([status, body.status, body.checks.database.status], [200, 'ok', 'ok'])
  const arrives = heard(socket, 'message')
  await patient.ask('POST', `/conversations/${patient.id}/messages`, { body: 'And now?' })
  equal((await arrives).body, 'And now?')
  socket.close()
})

test('without a database it is alive, and not ready', async () => {
  const app = await startApp({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' })
  const [health, live, ready] = await Promise.all(['/health', '/health/live', '/health/ready'].map((path) => ask(app, { path })))
  deepEqual([health!.status, health!.body.status, health!.body.checks.database.status], [200, 'unavailable', 'down'])
  deepEqual([live!.status, ready!.status, ready!.body.status], [200, 503, 'unavailable'])
  await app.kill()
})
