import { connect } from 'node:net'
import type { Probe } from '../../apps/checks/health.ts'
import { request } from './http.ts'

type Reach = { host: string; port: number } | { socketPath: string }

/** A probe of instances. `reach`: how their ports are reached. */
export const probeBy = (reach: (port: number) => Reach): Probe => ({
  async http(port, path, timeoutMs, { host, proto } = {}) {
    const headers = {
      host: host ?? `127.0.0.1:${port}`,
      ...(host === undefined ? {} : { 'x-forwarded-host': host }),
      ...(proto === undefined ? {} : { 'x-forwarded-proto': proto }),
      accept: 'application/json, */*',
      'user-agent': 'innkeeper-health',
    }
    const answer = await request({ ...reach(port), path, timeoutMs, headers })
    const { location, 'content-type': contentType = '' } = answer.headers
    return {
      status: answer.status,
      contentType,
      body: answer.body,
      ...(location === undefined ? {} : { location }),
    }
  },
  tcp: (port, timeoutMs) =>
    new Promise((resolve, reject) => {
      const to = reach(port)
      const socket = connect({
        ...('socketPath' in to ? { path: to.socketPath } : to),
        timeout: timeoutMs,
      })
      socket.once('connect', () => resolve(void socket.destroy()))
      socket.once('timeout', () => {
        socket.destroy()
        reject(new Error(`no connection within ${timeoutMs} ms`))
      })
      socket.once('error', reject)
    }),
})

/** The probe over loopback. */
export const probe = probeBy(port => ({ host: '127.0.0.1', port }))
