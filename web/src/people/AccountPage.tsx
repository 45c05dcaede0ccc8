import { useMe } from './me.ts'
import { SecondFactor } from './SecondFactor.tsx'
import { Sessions } from './Sessions.tsx'

/** What belongs to the person who is signed in. `owed`: nothing else is open to them before they have a second factor. */
export function AccountPage({ owed = false }: { owed?: boolean }) {
  const { data: me } = useMe()
  if (me === undefined) return null
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">{owed ? 'One more step' : me.name}</h1>
      {owed && (
        <p role="status">
          A second factor is asked of you on this server. Set it up here; then everything else is open to you.
        </p>
      )}
      <SecondFactor on={me.factor === 'on'} />
      {!owed && <Sessions title="Where you are signed in" email={me.email} />}
    </div>
  )
}
