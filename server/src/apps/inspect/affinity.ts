/** Packages whose sessions live in the memory of one instance and are asked for in several requests. */
const SESSIONS: ReadonlyArray<[string, string]> = [
  ['socket.io', 'Socket.IO'],
  ['@nestjs/platform-socket.io', 'Socket.IO'],
  ['@feathersjs/socketio', 'Socket.IO'],
  ['engine.io', 'Engine.IO'],
  ['sockjs', 'SockJS'],
  ['signalr', 'SignalR'],
  ['@microsoft/signalr', 'SignalR'],
]

/** The library because of which clients must come back to the same instance; null: there is none. */
export const sessionsOf = (has: ReadonlySet<string>): string | null =>
  SESSIONS.find(([name]) => has.has(name))?.[1] ?? null
