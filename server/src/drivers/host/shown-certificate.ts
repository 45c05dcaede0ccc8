import { isIP, type Socket } from 'node:net'
import type { Shown } from '../../watch/probes/ports.ts'

/** What a server shows by TLS on an open connection, and whether this machine trusts it for that name. */
export function shownCertificate(socket: Socket, name: string): Promise<Shown> {
  const { connect, checkServerIdentity } = process.getBuiltinModule('node:tls')
  return new Promise((resolve, reject) => {
    // A handshake for an address names nobody (RFC 6066).
    const named = isIP(name) === 0 ? { servername: name } : {}
    const secure = connect({ socket, ...named, rejectUnauthorized: false })
    secure.once('error', reject)
    secure.once('close', () => reject(new Error('it closed the connection before it showed a certificate')))
    secure.once('secureConnect', () => {
      const certificate = secure.getPeerCertificate()
      const wrong = secure.authorized ? checkServerIdentity(name, certificate)?.message : undefined
      const problem = secure.authorizationError
      resolve({
        notAfter: Date.parse(certificate.valid_to),
        // Node.js has the code of OpenSSL there, whatever its types say.
        problem: problem ? String(problem instanceof Error ? problem.message : problem) : (wrong ?? null),
      })
    })
  })
}
