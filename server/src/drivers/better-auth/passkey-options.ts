import type { DatabaseSync } from 'node:sqlite'
import type { PasskeyOptions } from '@better-auth/passkey'
import { passkeyHost } from '../../reach/people/passkey.ts'
import type { PasskeyUse } from '../../reach/people/store-passkeys.ts'
import { passkeyRows } from './rows.ts'

interface Needs {
  db: DatabaseSync
  passkeyUse: PasskeyUse
  refuse: (said: { code: string; message: string }) => Error
}

const UNVERIFIED = {
  code: 'PASSKEY_UNVERIFIED',
  message: 'The device has not verified who holds it, by a PIN, a fingerprint or a face',
}
const ELSEWHERE = { code: 'PASSKEY_ELSEWHERE', message: 'This passkey was added at another address' }
const KNOWN = { code: 'PASSKEY_KNOWN', message: 'This passkey was added before' }

/**
 * What we ask of a passkey beyond the library: it only prefers that a device verifies its user, looks at the host of a
 * page without its port, and would keep a credential twice. A passkey that signs in without its user's name lies on the
 * device itself (`residentKey`).
 */
export function passkeyOptions({ db, passkeyUse, refuse }: Needs): PasskeyOptions {
  return {
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    advanced: { webAuthnChallengeCookie: 'passkey' },
    registration: {
      afterVerification({ verification: { registrationInfo } }) {
        if (!registrationInfo?.userVerified) throw refuse(UNVERIFIED)
        const { origin, credential } = registrationInfo
        const host = passkeyHost(origin)
        if (host === null) throw refuse(ELSEWHERE)
        // Whoever knew the id of somebody else's could otherwise stand in its way with a key of their own.
        if (passkeyRows(db).some(row => row.credentialID === credential.id)) throw refuse(KNOWN)
        passkeyUse.add(credential.id, host)
      },
    },
    authentication: {
      afterVerification({ verification: { authenticationInfo } }) {
        const { userVerified, origin, credentialID } = authenticationInfo
        if (!userVerified) throw refuse(UNVERIFIED)
        if (passkeyUse.of(credentialID)?.host !== passkeyHost(origin)) throw refuse(ELSEWHERE)
      },
    },
  }
}
