import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { io, type Socket } from 'socket.io-client'
import { startMotel, until, Visitor, type Motel } from './motel'

let motel: Motel
let blue: string
let green: string

before(async () => {
  motel = await startMotel()
  blue = await motel.instance()
  green = await motel.instance()
})

after(() => motel.stop())

const connect = (url: string, token: string) => io(url, { path: '/socket.io', auth: { token }, transports: ['websocket'] })

const next = <T>(socket: Socket, event: string) =>
  new Promise<T>((resolve, reject) => {
    const timer = setTimeout(reject, 10_000, new Error(`No ${event} within 10 s`))
    socket.once(event, (data: T) => {
      clearTimeout(timer)
      resolve(data)
    })
  })

test('what happens on one instance is told on the other', async () => {
  const desk = await Visitor.logIn(blue, 'tobin@lodge.example')
  const socket = connect(green, desk.token)
  const welcome = await next<{ name: string }>(socket, 'welcome')
  equal(welcome.name, 'Tobin Ashe')

  const { body: suites } = await desk.get('/api/suites')
  const suite = suites.find((candidate: { status: string }) => candidate.status === 'vacant')
  const told = next<{ id: number; status: string }>(socket, 'suite')
  await desk.post(`/api/suites/${suite.id}/status`, { status: 'occupied' })
  const { id, status } = await told
  deepEqual({ id, status }, { id: suite.id, status: 'occupied' })
  socket.close()
})

test('a notification reaches the one it is for, whichever instance takes it out of the queue', async () => {
  const desk = await Visitor.logIn(blue, 'tobin@lodge.example')
  const cleaner = await Visitor.logIn(green, 'dora@lodge.example')
  const sockets = [connect(blue, cleaner.token), connect(green, cleaner.token)]
  await Promise.all(sockets.map(socket => next(socket, 'welcome')))
  const stranger = connect(green, desk.token)
  await next(stranger, 'welcome')
  let strangersToo = false
  stranger.on('notification', () => (strangersToo = true))

  const told = sockets.map(socket => next<{ text: string }>(socket, 'notification'))
  const { body: task } = await desk.post('/api/tasks', { title: 'Extra towels', kind: 'errand' })
  const assigneeId = (await cleaner.get('/api/session')).body.person.id
  await desk.post(`/api/tasks/${task.id}/status`, { status: 'assigned', assigneeId })
  for (const { text } of await Promise.all(told)) equal(text, 'Tobin Ashe gave you: Extra towels')
  equal(await motel.database.notification.count({ where: { employeeId: assigneeId } }), 1)
  equal(strangersToo, false)
  for (const socket of [...sockets, stranger]) socket.close()
})

test('a socket without a log-in is refused', async () => {
  const socket = connect(blue, 'nonsense')
  const error = await next<Error>(socket, 'connect_error')
  match(error.message, /Log in/)
  socket.close()
})

test('people and sockets are counted, each instance its own', async () => {
  const { token } = await Visitor.logIn(blue, 'manager@lodge.example')
  const before = await numbers(blue)
  const sockets = [connect(blue, token), connect(blue, token)]
  await Promise.all(sockets.map(socket => next(socket, 'welcome')))
  const during = await numbers(blue)
  equal(during.motel_websocket_connections, before.motel_websocket_connections! + 2)
  equal(during.motel_websocket_users, before.motel_websocket_users! + 1)
  const health = JSON.parse(await (await fetch(`${blue}/health`)).text())
  equal(health.checks.websocket.details.connectedUsers, during.motel_websocket_users)
  for (const socket of sockets) socket.close()
  await until('the disconnects are counted', async () => {
    const now = await numbers(blue)
    return now.motel_websocket_disconnects_total === before.motel_websocket_disconnects_total! + 2
  })
})

/** The metrics without labels, by name. */
async function numbers(url: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics/prometheus`)).text()
  return Object.fromEntries([...text.matchAll(/^(motel_\w+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]))
}
