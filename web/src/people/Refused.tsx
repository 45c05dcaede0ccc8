import { KeeperError } from '../keeper/request.ts'
import { ErrorBox, FailureBox } from '../kit/Failure.tsx'

const OTHER_PASSKEY =
  'sign in with your password; Account shows which passkeys there are, and where each works'

/** What the sign-in library calls a refusal, and what to do. Other failures are shown as they are. */
const REFUSED: Record<string, string> = {
  INVALID_EMAIL_OR_PASSWORD: 'check both; an admin can send you a new link to choose a password',
  INVALID_CODE: 'wait for the next one; the clock of your phone must be right',
  INVALID_BACKUP_CODE: 'each of these codes is good for one sign-in',
  INVALID_TWO_FACTOR_COOKIE: 'begin again with your password: a code has ten minutes',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'begin again with your password',
  ACCOUNT_TEMPORARILY_LOCKED:
    'try again in a quarter of an hour; on the server, `inn people reset EMAIL` takes the second factor away',
  PASSKEY_NOT_FOUND: `it was removed here, or it is one of another server; remove it from your device, and ${OTHER_PASSKEY}`,
  PASSKEY_ELSEWHERE: OTHER_PASSKEY,
  PASSKEY_UNVERIFIED: 'set up a PIN, a fingerprint or a face on the device that holds it',
  AUTHENTICATION_FAILED: OTHER_PASSKEY,
  CHALLENGE_NOT_FOUND: 'try again: a passkey has five minutes to answer',
}

/** A sign-in that was refused. */
export function Refused({ error }: { error: unknown }) {
  const fix = error instanceof KeeperError ? REFUSED[error.failure.code] : undefined
  if (!(error instanceof KeeperError) || fix === undefined) return <ErrorBox error={error} />
  return (
    <FailureBox
      failure={{
        ...error.failure,
        what: 'that did not sign you in',
        why: error.failure.what,
        fix,
      }}
    />
  )
}
