import { connect } from 'node:net'

type To = { host: string; port: number } | { path: string }

/** A program that works answers within milliseconds, also under load. A frozen one (SIGSTOP, a hanging disk) never does. */
const LONGEST_MS = 2_000

/**
 * Whether whoever listens there answers these bytes with at least one byte. The kernel accepts connections for a frozen
 * process, so a connection alone says nothing.
 */
export const answers = (to: To, greeting: Uint8Array): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(to)
    const end = (answered: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answered)
    }
    const timer = setTimeout(() => end(false), LONGEST_MS)
    socket.once('connect', () => socket.write(greeting))
    socket.once('data', () => end(true))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
  })
