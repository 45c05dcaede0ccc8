import { byName, type Missing } from './passkey.ts'

/** Why no passkey works in this page, with the way out. */
export function NoPasskey({ why }: { why: Missing }) {
  const named = byName(location)
  return (
    <p className="text-sm text-soft" data-no-passkey={why}>
      {why === 'browser' &&
        'This browser does not know passkeys in the form that is needed; a newer one does.'}
      {why === 'plain' &&
        `Passkeys work behind TLS, and this page came without. Open it with https, or through a tunnel, as http://localhost.`}
      {why === 'address' && 'A passkey belongs to a name, and this page was opened by an address. '}
      {why === 'address' &&
        (named === null ? (
          'Open it by a domain with TLS, or through a tunnel, as http://localhost.'
        ) : (
          <>
            Open it as{' '}
            <a href={named} className="link">
              {new URL(named).origin}
            </a>{' '}
            to use one.
          </>
        ))}
    </p>
  )
}
