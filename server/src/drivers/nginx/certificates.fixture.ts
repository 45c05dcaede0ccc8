import { once } from 'node:events'
import { mkdtemp, readFile } from 'node:fs/promises'
import { type ClientHttp2Session, connect as openHttp2 } from 'node:http2'
import { isIPv4 } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import type { SiteCertificate } from '../../reach/edge/edge.ts'
import { execOk } from '../host/exec.ts'
import { removeTree } from '../host/files.ts'

/** A certificate that is its own root. */
export async function selfMade(
  names: readonly string[],
  hstsFrom: number | null = null,
): Promise<SiteCertificate> {
  const folder = await mkdtemp(join(tmpdir(), 'certificate-'))
  const [key, chain] = [join(folder, 'key'), join(folder, 'chain')]
  const shape = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const about = [
    '-subj',
    `/CN=${names[0]}`,
    '-addext',
    `subjectAltName=${names.map(n => `${isIPv4(n) ? 'IP' : 'DNS'}:${n}`).join(',')}`,
  ]
  const argv = ['openssl', 'req', ...shape, ...about, '-keyout', key, '-out', chain]
  await execOk({ argv, timeoutMs: 20_000 }, 'openssl')
  const [chainText, keyText] = [await readFile(chain, 'utf8'), await readFile(key, 'utf8')]
  await removeTree(folder)
  return { names, chain: chainText, key: keyText, hstsFrom, modern: false }
}

/** A connection by TLS that was checked against a root; rejects as a browser would. */
export async function shake(
  port: number,
  servername: string,
  ca: string,
  more: object = {},
): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, servername, ca, ...more })
  await once(socket, 'secureConnect')
  return socket
}

/** An answer by HTTP/1.1 over TLS, as it came. */
export async function askSecurely(port: number, name: string, ca: string, path = '/'): Promise<string> {
  const socket = await shake(port, name, ca, { ALPNProtocols: ['http/1.1'] })
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`)
  return (await Array.fromAsync(socket)).join('')
}

type Found = (error: null, addresses: Array<{ address: string; family: number }>) => void
const toLoopback = (_name: string, _options: object, done: Found): void =>
  done(null, [{ address: '127.0.0.1', family: 4 }])

function connected(port: number, name: string, ca: string): ClientHttp2Session {
  const session = openHttp2(`https://${name}:${port}`, { ca, lookup: toLoopback } as object)
  // What is wrong with it, each of its streams says.
  return session.on('error', () => {})
}

/** The status, headers and body of an answer by HTTP/2. */
export async function askHttp2(port: number, name: string, ca: string, more: Record<string, string> = {}) {
  const session = connected(port, name, ca)
  try {
    const stream = session.request({ ':path': '/', ...more }, { endStream: true })
    const [headers] = (await once(stream, 'response')) as [Record<string, string>]
    return { status: Number(headers[':status']), headers, body: (await Array.fromAsync(stream)).join('') }
  } finally {
    session.close()
  }
}

/** Asks by HTTP/2 again and again until `leave`, on one connection after the other. Resolves with the errors of its streams. */
export function askOnByHttp2(port: number, name: string, ca: string) {
  let here = true
  const errors: string[] = []
  let requests = 0
  const all = (async () => {
    let session = connected(port, name, ca)
    while (here) {
      if (session.closed || session.destroyed) session = connected(port, name, ca)
      const stream = session.request({ ':path': '/' })
      requests++
      await once(stream.resume(), 'end').catch((error: Error) => errors.push(error.message))
    }
    session.close()
  })()
  return {
    async leave() {
      here = false
      await all
      return { requests, errors }
    },
  }
}

const FILE = 'certificates.test.ts'

/** Which test asks for which row of the table. */
export const CHECKED_BY_TLS: Record<string, [file: string, title: string]> = {
  'a plain request for a name with a certificate': [
    FILE,
    'plain requests for a name with a certificate are sent on with their method and path, others stay',
  ],
  '`/.well-known/acme-challenge/TOKEN`, while an authority asks for a proof': [
    FILE,
    'the edge answers an authority before the app and before it sends on',
  ],
  'a handshake without a name, or for one that has no certificate': [
    FILE,
    'a certificate is shown at once, without a reload, for each of its names and for no other',
  ],
  'a handshake without a name, where an app has an address among its domains': [
    FILE,
    'a handshake without a name gets the certificate of the address, also where that is translated on the way',
  ],
  'TLS, with `tls: { modern: true }`': [
    FILE,
    'a name with a modern certificate is shown by TLS 1.3 alone, from the next handshake on, and the others as before',
  ],
  TLS: [FILE, 'TLS 1.2 and 1.3 are spoken and nothing older, and no ticket is given'],
  '`Strict-Transport-Security`': [
    FILE,
    'visitors are told to stay with TLS when it was good for long enough, and the app has the last word',
  ],
  'an HTTP/2 connection, at a reload': [
    FILE,
    'a reload ends HTTP/2 connections in order: what crosses it was not begun, and may be sent again',
  ],
  'a release that sends interim answers, by HTTP/2': [
    FILE,
    'by HTTP/2, the real answer after an interim one arrives, and the app hears the same of the visitor',
  ],
}
