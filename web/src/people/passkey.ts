import { Done, PasskeyOptions } from '../../../server/src/reach/people/wire.ts'
import { ask, KeeperError } from '../keeper/request.ts'
import { enterPasskey, type SignedIn } from './sign-in.ts'

/** Why no passkey works in a page. `address`: it has an IP address for a name; `plain`: it came without TLS; `browser`: that is too old. */
export type Missing = 'address' | 'plain' | 'browser'

/** What of a browser decides whether passkeys work. */
interface Around {
  hostname: string
  secure: boolean
  /** Whether it reads and writes passkeys as JSON. */
  able: boolean
}

/** Why no passkey works there; null: they do. */
export function missingIn({ hostname, secure, able }: Around): Missing | null {
  if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname)) return 'address'
  if (!secure) return 'plain'
  return able ? null : 'browser'
}

export const missing = (): Missing | null =>
  missingIn({
    hostname: location.hostname,
    secure: isSecureContext,
    able: typeof PublicKeyCredential === 'function' && 'parseCreationOptionsFromJSON' in PublicKeyCredential,
  })

/** The name of a dashboard as passkeys are bound to it: with the port, but at localhost, where tunnels end. */
export const nameOf = ({ hostname, host }: Pick<Location, 'hostname' | 'host'>): string =>
  /(^|\.)localhost$/.test(hostname) ? hostname : host

/** The same page by a name; null: this address is of another machine. */
export function byName({
  hostname,
  port,
  pathname,
}: Pick<Location, 'hostname' | 'port' | 'pathname'>): string | null {
  const here = hostname === '[::1]' || hostname.startsWith('127.')
  return here ? `http://localhost${port === '' ? '' : `:${port}`}${pathname}` : null
}

/** Has the browser make a passkey, and keeps it. Throws `KeeperError`. */
export async function addPasskey({ name, password }: { name: string; password: string }): Promise<void> {
  const options = await ask(PasskeyOptions, '/api/me/passkeys/options', { body: { password } })
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never)
  const made = await navigator.credentials.create({ publicKey }).catch(refused)
  await ask(Done, '/api/me/passkeys', { body: { name, response: written(made) } })
}

/** Opens a session in this browser with a passkey. Throws `KeeperError`. */
export async function signInWithPasskey(): Promise<SignedIn> {
  const options = await ask(PasskeyOptions, '/api/auth/passkey/generate-authenticate-options', { body: {} })
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as never)
  return enterPasskey(written(await navigator.credentials.get({ publicKey }).catch(refused)))
}

const written = (made: Credential | null): unknown => (made as PublicKeyCredential).toJSON()

/** A browser says with these names why it gave none, and deliberately not more. */
function refused(error: unknown): never {
  const { name, message } = error as DOMException
  const failure = {
    code: 'dashboard.passkey',
    what: 'the browser gave no passkey',
    why: message,
    fix: 'try again, and confirm with what unlocks your device; at the sign-in, your password works too',
  }
  if (name === 'NotAllowedError')
    throw new KeeperError(0, {
      ...failure,
      why: 'it was not confirmed in time, or this device has none for this address',
    })
  if (name === 'InvalidStateError')
    throw new KeeperError(0, {
      ...failure,
      what: 'this device has a passkey for you already',
      why: 'it is in the list above',
      fix: 'use that one, or remove it first',
    })
  throw new KeeperError(0, failure)
}
