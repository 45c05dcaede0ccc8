import { useQuery } from '@tanstack/react-query'
import { Factors } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'
import { Loaded } from '../kit/Loaded.tsx'
import { useMe } from './me.ts'
import { Passkeys } from './Passkeys.tsx'
import { SecondFactor } from './SecondFactor.tsx'
import { Sessions } from './Sessions.tsx'

/** What a person who is signed in has beside the password. */
export const useFactors = () =>
  useQuery({ queryKey: ['factors'], queryFn: () => ask(Factors, '/api/me/second-factor') })

/** What belongs to the person who is signed in. `owed`: nothing else is open to them before they have a second factor. */
export function AccountPage({ owed = false }: { owed?: boolean }) {
  const { data: me } = useMe()
  const factors = useFactors()
  if (me === undefined) return null
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">{owed ? 'One more step' : me.name}</h1>
      {owed && (
        <p role="status">
          A second factor is asked of you on this server: a passkey, or codes of an app. Set one up here; then
          everything else is open to you.
        </p>
      )}
      <Loaded query={factors}>
        {({ codes, passkeys }) => (
          <>
            <Passkeys passkeys={passkeys} />
            <SecondFactor on={codes} />
          </>
        )}
      </Loaded>
      {!owed && <Sessions title="Where you are signed in" email={me.email} />}
    </div>
  )
}
