import type { Socket } from 'node:net'
import { bareHost } from '../../kernel/hosts.ts'
import type { Place } from '../host/elsewhere.ts'

/** Where a URL of Redis leads, and how one signs in there. Throws when it is none. */
export function redisPlace(url: string): Place & { tls: boolean; auth: string[] } {
  if (!URL.canParse(url)) throw new Error('its URL cannot be read')
  const { protocol, hostname, port, username, password } = new URL(url)
  const auth = [username, password].filter(text => text !== '').map(decodeURIComponent)
  return {
    host: bareHost(hostname),
    port: port === '' ? 6379 : Number(port),
    tls: protocol === 'rediss:',
    auth,
  }
}

/** Longest answer to a command that is read. */
const MOST = 1_000

/** Signs in, and asks PING on an open connection. Rejects with what Redis said. */
export async function redisPing(
  plain: Socket,
  { host, tls, auth }: ReturnType<typeof redisPlace>,
): Promise<void> {
  const socket = tls
    ? process.getBuiltinModule('node:tls').connect({ socket: plain, servername: host })
    : plain
  const commands = [...(auth.length === 0 ? [] : [['AUTH', ...auth]]), ['PING']]
  for (const words of commands) {
    const said = await answer(socket, wired(words))
    if (!said.startsWith('+')) throw new Error(`it answered ${words[0]} with ${said.slice(0, 200)}`)
  }
}

/** A command in the protocol of Redis. */
const wired = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`

/** Sends a command, and reads the first line of what comes. */
const answer = (socket: Socket, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    const read = (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n') && text.length < MOST) return
      socket.off('data', read)
      resolve(text.split('\r\n')[0]!.slice(0, MOST))
    }
    socket.on('data', read)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('it closed the connection')))
    socket.write(command)
  })
