import {
  WebSocketGateway,
  WebSocketServer,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
} from '@nestjs/websockets'
import type { DefaultEventsMap, Server, Socket } from 'socket.io'
import { Tokens, type Person } from '../auth/tokens'

type LiveSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, { person: Person }>

const STAFF = 'staff'
const roomOf = (employeeId: number) => `employee:${employeeId}`

/** What has changed goes to all who are logged in, on whichever instance their socket is. */
@WebSocketGateway({ path: '/socket.io' })
export class LiveGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect {
  @WebSocketServer()
  private readonly server!: Server

  /** Of this instance, since it started. */
  disconnects = 0

  constructor(private readonly tokens: Tokens) {}

  afterInit(server: Server) {
    server.use((socket, next) => {
      try {
        socket.data.person = this.tokens.verify(String(socket.handshake.auth.token ?? ''))
        next()
      } catch {
        next(new Error('Log in, please.'))
      }
    })
  }

  async handleConnection(socket: LiveSocket) {
    await socket.join([STAFF, roomOf(socket.data.person.id)])
    socket.emit('welcome', socket.data.person)
  }

  handleDisconnect() {
    this.disconnects += 1
  }

  toStaff(event: 'suite' | 'task' | 'note', data: object) {
    this.server.to(STAFF).emit(event, data)
  }

  toEmployee(employeeId: number, event: 'notification', data: object) {
    this.server.to(roomOf(employeeId)).emit(event, data)
  }

  /** Sockets of this instance. */
  get connections(): number {
    return this.server.sockets.sockets.size
  }

  /** People with at least one socket on this instance. */
  get users(): number {
    const ids = [...this.server.sockets.sockets.values()].map(socket => (socket as LiveSocket).data.person.id)
    return new Set(ids).size
  }
}
