import { z } from 'zod'
import { ask } from '../keeper/request.ts'

/** `secondFactor`: the password was right, and a code is asked for now. */
const SignedIn = z.object({ signedIn: z.boolean(), secondFactor: z.boolean().default(false) })
export type SignedIn = z.infer<typeof SignedIn>

/** Opens a session in this browser. Throws `KeeperError` when it is refused. */
export const signIn = (body: { email: string; password: string }): Promise<SignedIn> =>
  ask(SignedIn, '/api/auth/sign-in/email', { body })

/** The code that an app shows has six digits; any other is one for when that is lost. */
export function enterCode(text: string): Promise<SignedIn> {
  const code = text.replaceAll(/\s/g, '')
  const how = /^\d{6}$/.test(code) ? 'verify-totp' : 'verify-backup-code'
  return ask(SignedIn, `/api/auth/two-factor/${how}`, { body: { code } })
}

/** `response`: what a passkey signed, as its browser writes it. */
export const enterPasskey = (response: unknown): Promise<SignedIn> =>
  ask(SignedIn, '/api/auth/passkey/verify-authentication', { body: { response } })
