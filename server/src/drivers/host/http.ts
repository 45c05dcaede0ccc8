import type { IncomingHttpHeaders, RequestOptions } from 'node:http'
import type { LookupFunction } from 'node:net'
import { bareHost } from '../../kernel/hosts.ts'
import { Agent, overTls, request as plain } from '../../kernel/http.ts'

export interface HttpRequest {
  /** Path of a unix socket; without it, `host` and `port`. */
  socketPath?: string
  host?: string
  port?: number
  /** Over TLS, with the authorities of this machine. */
  tls?: boolean
  /** Whose certificate it must be, where `host` is an address. */
  servername?: string
  method?: string
  path: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  timeoutMs: number
  /** Bytes of the answer that are kept; the rest is read and dropped. Default 64 KB. */
  maxBytes?: number
  /** Ends the connection after these bytes instead: for whom nobody knows how much would come. */
  cut?: boolean
  signal?: AbortSignal
  /** How the name of the host becomes an address; default: as the system does it. */
  lookup?: LookupFunction
}

export interface HttpAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
  ms: number
}

/** Where a URL leads, as a request is told. Throws when it is none. */
export function addressed(url: string): Pick<HttpRequest, 'host' | 'port' | 'tls' | 'path'> {
  const { protocol, hostname, port, pathname, search } = new URL(url)
  return {
    host: bareHost(hostname),
    ...(port === '' ? {} : { port: Number(port) }),
    tls: protocol === 'https:',
    path: pathname + search,
  }
}

const AGENT = new Agent({ keepAlive: false })

/** One request on a connection of its own; rejects with the socket's error, or `timed out after N ms`. */
export function request(wanted: HttpRequest): Promise<HttpAnswer> {
  const { body, timeoutMs, maxBytes = 65_536, cut = false, headers = {}, tls = false, ...rest } = wanted
  const open = tls ? overTls().request : plain
  const started = performance.now()
  const deadline = AbortSignal.timeout(timeoutMs)
  const options: RequestOptions = {
    ...rest,
    headers: body === undefined ? headers : { 'content-length': String(Buffer.byteLength(body)), ...headers },
    agent: tls ? false : AGENT,
    // The edge passes on headers that are longer than what Node.js takes.
    maxHeaderSize: 65_536,
    signal: wanted.signal ? AbortSignal.any([deadline, wanted.signal]) : deadline,
  }
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(deadline.aborted ? new Error(`timed out after ${timeoutMs} ms`) : error)
    const sent = open(options, answer => {
      const chunks: Buffer[] = []
      let kept = 0
      const end = () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString('utf8'),
          ms: performance.now() - started,
        })
      answer.on('data', (chunk: Buffer) => {
        if (kept < maxBytes) chunks.push(chunk.subarray(0, maxBytes - kept))
        kept += chunk.length
        if (!cut || kept < maxBytes) return
        end()
        sent.destroy()
      })
      answer.on('error', fail)
      answer.on('end', end)
    })
    sent.on('error', fail)
    sent.end(body)
  })
}
