import { once } from 'node:events'
import { type ClientHttp2Session, connect as openHttp2 } from 'node:http2'
import { Agent, get } from 'node:https'
import { connect } from 'node:tls'
import { CALM_MS, coming, type Seen, type Visitors } from './visitors.ts'

/** A name at a port of this machine, and the roots that its visitors trust. */
export interface Place {
  name: string
  port: number
  ca: string
}

/** The certificate that is shown for a name, checked as a browser would; rejects where that would. */
export async function shownAt({ name, port, ca }: Place): Promise<{ serial: string; names: string }> {
  const socket = connect({ host: '127.0.0.1', port, servername: name, ca })
  await once(socket, 'secureConnect')
  const { serialNumber, subjectAltName = '' } = socket.getPeerX509Certificate()!
  socket.destroy()
  return { serial: serialNumber, names: subjectAltName }
}

/** One request by HTTP/1.1 over TLS. */
function ask({ name, port, ca }: Place, agent: Agent | false): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const to = {
      host: '127.0.0.1',
      port,
      servername: name,
      ca,
      agent,
      timeout: 20_000,
      headers: { host: name },
    }
    const request = get({ ...to, path: '/' }, answer => {
      answer.resume().on('error', reject)
      answer.on('end', () => resolve(answer.statusCode === 200 ? null : String(answer.statusCode)))
    })
    request.on('timeout', () => request.destroy(new Error('no answer within 20 s')))
    request.on('error', reject)
  })
}

/** Requests by HTTP/2 on one connection, and on the next when the server has ended it: nginx does after a thousand. */
function askingByHttp2({ name, port, ca }: Place) {
  let session: ClientHttp2Session | null = null
  return {
    async ask(): Promise<string | null> {
      if (session === null || session.closed || session.destroyed) {
        session = openHttp2(`https://127.0.0.1:${port}`, { ca, servername: name })
        session.on('error', () => {})
      }
      const stream = session.request({ ':path': '/', ':authority': name })
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
      await once(stream.resume(), 'end')
      return headers[':status'] === 200 ? null : String(headers[':status'])
    },
    end: () => session?.close(),
  }
}

/** Visitors of a test that failed before it sent them away would keep its process alive for ever. */
const LONGEST_MS = 2 * 60_000

/** Asks by TLS all the time, until `leave`: on new connections, on kept ones and by HTTP/2. Each handshake checks the certificate. */
export function visitSecurely(place: Place): Visitors {
  const seen: Seen = { requests: 0, failed: 0, failures: [], versions: new Set() }
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  const http2 = askingByHttp2(place)
  const told = (work: () => Promise<string | null>) => () => work().catch((error: Error) => error.message)
  const asks = [() => ask(place, false), () => ask(place, kept), () => http2.ask()].map(told)
  const gone = () => {
    kept.destroy()
    http2.end()
  }
  return coming({ seen, asks, pauseMs: CALM_MS, longestMs: LONGEST_MS, gone })
}
