import { createHash, generateKeyPairSync, randomBytes, sign as signature } from 'node:crypto'

/** A device with passkeys, as a browser speaks to it: for what no browser lets a page do. */
export interface Authenticator {
  /** Makes a passkey of what a dashboard asked for. */
  create(options: Creation, page: Page): Made
  /** Signs what a dashboard asked for. */
  sign(options: Request, page: Page): Made
}

interface Creation {
  challenge: string
  rp: { id: string }
}
interface Request {
  challenge: string
  rpId: string
}
/** What it sends. */
export interface Made {
  id: string
  response: Record<string, unknown>
}

interface Page {
  origin: string
  /** Whether the device asked who holds it. */
  verified?: boolean
  /** How often it has signed. */
  count?: number
}

const PRESENT = 0x01
const VERIFIED = 0x04
const WITH_KEY = 0x40

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()
const text = (data: Buffer | string): string => Buffer.from(data).toString('base64url')

const clientData = (type: string, challenge: string, origin: string): Buffer =>
  Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }))

/** What the device says of a passkey: for which name, how it was asked, how often, and its key when it is new. */
function said(rpId: string, { verified = true, count = 0 }: Page, key?: Buffer): Buffer {
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(count)
  const flags = PRESENT | (verified ? VERIFIED : 0) | (key === undefined ? 0 : WITH_KEY)
  return Buffer.concat([sha256(rpId), Buffer.from([flags]), counter, key ?? Buffer.alloc(0)])
}

/** CBOR of a short text. */
const word = (value: string): Buffer =>
  Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)])

/** One passkey of one device. `id`: of its credential, which a device draws. */
export function makeAuthenticator(id = randomBytes(32)): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  const point = (name: number, value: string | undefined) =>
    Buffer.concat([Buffer.from([name, 0x58, 0x20]), Buffer.from(value!, 'base64url')])
  // COSE: EC2, ES256, P-256.
  const cose = Buffer.concat([Buffer.from([0xa5, 1, 2, 3, 0x26, 0x20, 1]), point(0x21, x), point(0x22, y)])
  const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose])
  const made = (response: Record<string, unknown>): Made & Record<string, unknown> => ({
    ...{ id: text(id), rawId: text(id), type: 'public-key', clientExtensionResults: {} },
    response,
  })
  return {
    create({ challenge, rp }, page) {
      const data = said(rp.id, page, credential)
      const attestation = Buffer.concat([
        ...[Buffer.from([0xa3]), word('fmt'), word('none'), word('attStmt'), Buffer.from([0xa0])],
        ...[word('authData'), Buffer.from([0x58, data.length]), data],
      ])
      return made({
        clientDataJSON: text(clientData('webauthn.create', challenge, page.origin)),
        attestationObject: text(attestation),
        transports: ['internal'],
      })
    },
    sign({ challenge, rpId }, page) {
      const client = clientData('webauthn.get', challenge, page.origin)
      const data = said(rpId, page)
      return made({
        clientDataJSON: text(client),
        authenticatorData: text(data),
        signature: text(signature('sha256', Buffer.concat([data, sha256(client)]), privateKey)),
      })
    },
  }
}
