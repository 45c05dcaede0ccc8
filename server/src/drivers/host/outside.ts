import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP, connect as openPlain } from 'node:net'
import { plain } from '../../kernel/output.ts'
import type { Answered, Outside, Paper } from '../../reach/certificates/ports.ts'
import { request } from './http.ts'

/** Longest wait for an answer. An authority waits for about ten seconds. */
const WAIT_MS = 5_000

/** `httpsPort`: where the edge answers by TLS. `proxied`: whether it wants the PROXY protocol there. */
export const outside = (httpsPort: number | null, proxied = false): Outside => ({
  async asked({ address, port, name, path }, text) {
    const headers = { host: port === 80 ? name : `${name}:${port}` }
    try {
      const answer = await request({ host: address, port, path, headers, timeoutMs: WAIT_MS })
      if (answer.status === 200 && answer.body === text) return { who: 'us' }
      return stranger(answer)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return { who: 'nobody', says: `does not answer at port ${port} (${code ?? message})` }
    }
  },
  shown: name => (httpsPort === null ? Promise.resolve(null) : handshake(httpsPort, name, proxied)),
})

function stranger({ status, headers }: { status: number; headers: object }): Answered {
  const { location, server } = headers as { location?: string; server?: string }
  // An authority follows it, so where it ends is not known here.
  if (location !== undefined && status >= 300 && status < 400)
    return { who: 'nobody', says: `sends on to ${plain(location).slice(0, 200)}` }
  const by = server === undefined ? '' : ` from ${plain(server).slice(0, 50)}`
  return { who: 'other', says: `answers${by} with ${status}, and not with what this server put there` }
}

/** The fingerprint of the certificate that is shown for a name. Whether it is trusted does not matter: it is compared. */
function handshake(port: number, servername: string, proxied: boolean): Promise<string | null> {
  const { connect } = process.getBuiltinModule('node:tls')
  return new Promise(resolve => {
    // A handshake for an address names nobody (RFC 6066).
    const named = isIP(servername) === 0 ? { servername } : {}
    const under = openPlain(port, '127.0.0.1')
    // We ask for ourselves.
    if (proxied) under.write('PROXY UNKNOWN\r\n')
    const socket = connect({ socket: under, ...named, rejectUnauthorized: false })
    const end = (shown: string | null) => {
      socket.destroy()
      under.destroy()
      resolve(shown)
    }
    socket.setTimeout(WAIT_MS, () => end(null))
    for (const one of [socket, under]) one.once('error', () => end(null))
    socket.once('secureConnect', () => end(fingerprint(socket.getPeerX509Certificate()!)))
  })
}

const fingerprint = ({ fingerprint256 }: X509Certificate): string =>
  fingerprint256.replaceAll(':', '').toLowerCase()

/** What the certificates of a chain say of themselves. */
export const readChain = (chain: string): Paper[] =>
  (chain.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map(pem => {
    const paper = new X509Certificate(pem)
    return {
      names: [...(paper.subjectAltName ?? '').matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)].map(([, name]) =>
        name!.toLowerCase(),
      ),
      issuer: oneLine(paper.issuer),
      subject: oneLine(paper.subject ?? '') || (paper.subjectAltName ?? ''),
      from: paper.validFromDate.getTime(),
      to: paper.validToDate.getTime(),
      sha256: fingerprint(paper),
    }
  })

/** Whether a private key is the one of a chain. Throws what Node.js says of texts that it cannot read. */
export const fits = (chain: string, key: string): boolean =>
  new X509Certificate(chain).checkPrivateKey(createPrivateKey(key))

const oneLine = (text: string): string => plain(text.replaceAll('\n', ', '))
