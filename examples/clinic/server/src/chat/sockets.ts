import type { Server as HttpServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import type { Account } from '../accounts/account.ts'
import type { LogIns } from '../accounts/login.ts'
import { Listener } from '../database/listener.ts'
import type { Pool } from '../database/pool.ts'
import { type ErrorBody, explain } from '../http/errors.ts'
import { log, reasonOf } from '../log.ts'
import { patientFor } from '../patients/store.ts'
import { type Message, NewMessage, ReadUpTo } from './message.ts'
import { addMessage, CHANNEL, markRead, messageById, type Notice } from './store.ts'

type Answer<T> = (answer: { ok: true; value: T } | ({ ok: false } & ErrorBody)) => void

export interface Incoming {
  send(message: unknown, answer?: Answer<Message>): void
  read(conversation: unknown, answer?: Answer<number>): void
}
export interface Outgoing {
  message(message: Message): void
  read(of: { patientId: number; readerId: number }): void
  /** Something may have been missed: ask for everything again. */
  resync(): void
}
interface Data { account: Account }
type ChatServer = Server<Incoming, Outgoing, Record<string, never>, Data>
type ChatSocket = Socket<Incoming, Outgoing, Record<string, never>, Data>

interface Deps { pool: Pool; logIns: LogIns; databaseUrl: string }

const roomOf = (accountId: number) => `account:${accountId}`

/**
 * Whoever stores a message notifies the database, and every instance, the same one included, passes it on to those who
 * are connected to it. So it does not matter which instance the two are on.
 */
export async function serveChat(server: HttpServer, deps: Deps): Promise<{ close(): Promise<void> }> {
  const io: ChatServer = new Server(server, { path: '/socket.io', serveClient: false, maxHttpBufferSize: 64 * 1024 })
  io.use(async (socket, next) => {
    const account = await deps.logIns.account(socket.handshake.headers.cookie).catch(() => undefined)
    if (!account || account.role === 'admin') return next(new Error('not_logged_in'))
    socket.data.account = account
    next()
  })
  io.on('connection', (socket) => welcome(socket, deps))
  const listener = new Listener(deps.databaseUrl, {
    channel: CHANNEL,
    heard: (payload) => {
      pass(io, deps.pool, JSON.parse(payload) as Notice).catch((error) => {
        log.error('a message was not passed on', { reason: reasonOf(error) })
      })
    },
    resumed: () => io.emit('resync'),
  })
  await listener.open()
  return {
    async close() {
      await listener.close()
      await io.close()
    },
  }
}

function welcome(socket: ChatSocket, { pool }: Deps) {
  const { account } = socket.data
  void socket.join(roomOf(account.id))
  socket.on('send', (input, answer) => {
    void respond(answer, async () => {
      const message = NewMessage.parse(input)
      await patientFor(pool, account, message.patientId)
      return addMessage(pool, account.id, message)
    })
  })
  socket.on('read', (input, answer) => {
    void respond(answer, async () => {
      const { patientId } = ReadUpTo.parse(input)
      await patientFor(pool, account, patientId)
      return markRead(pool, account.id, patientId)
    })
  })
}

async function respond<T>(answer: Answer<T> | undefined, work: () => Promise<T>): Promise<void> {
  // A stranger's client may leave it out, or send something else in its place.
  const reply: Answer<T> = typeof answer === 'function' ? answer : () => {}
  try {
    reply({ ok: true, value: await work() })
  } catch (error) {
    const { status, body } = explain(error)
    if (status >= 500) log.error('an event failed', { reason: reasonOf(error) })
    reply({ ok: false, ...body })
  }
}

async function pass(io: ChatServer, pool: Pool, notice: Notice): Promise<void> {
  if ('read' in notice) {
    const rooms = await therapistRooms(pool, notice.read.patientId)
    io.to([roomOf(notice.read.patientId), ...rooms]).emit('read', notice.read)
    return
  }
  const found = await messageById(pool, notice.message)
  if (!found) return
  const { therapistId, ...message } = found
  io.to([roomOf(message.patientId), roomOf(therapistId)]).emit('message', message)
}

async function therapistRooms(pool: Pool, patientId: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: number }>('select therapist_id as id from patients where id = $1', [patientId])
  return rows.map((row) => roomOf(row.id))
}
