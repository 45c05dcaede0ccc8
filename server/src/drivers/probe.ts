import { connect } from 'node:net'
import type { Probe } from '../checks/health.ts'
import { request } from './http.ts'

/** Looks at instances over loopback. */
export const probe: Probe = {
  async http(port, path, timeoutMs) {
    const headers = {
      host: `127.0.0.1:${port}`,
      accept: 'application/json, */*',
      'user-agent': 'innkeeper-health',
    }
    const answer = await request({ host: '127.0.0.1', port, path, timeoutMs, headers })
    return { status: answer.status, contentType: answer.headers['content-type'] ?? '', body: answer.body }
  },
  tcp: (port, timeoutMs) =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', timeout: timeoutMs })
      socket.once('connect', () => resolve(void socket.destroy()))
      socket.once('timeout', () => {
        socket.destroy()
        reject(new Error(`no connection within ${timeoutMs} ms`))
      })
      socket.once('error', reject)
    }),
}
