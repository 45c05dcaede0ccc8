import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Command } from '../kit/Command.tsx'
import { useFactors } from './AccountPage.tsx'
import { useMe } from './me.ts'
import { NoPasskey } from './NoPasskey.tsx'
import { missing, nameOf, signInWithPasskey } from './passkey.ts'
import { Refused } from './Refused.tsx'

/** For whoever signed in with the password alone where a passkey is asked for: nothing else is open to them before they show it. */
export function ShowPasskey() {
  const client = useQueryClient()
  const show = useMutation({ mutationFn: signInWithPasskey, onSuccess: () => client.invalidateQueries() })
  const { data: me } = useMe()
  const { data } = useFactors()
  const why = missing()
  const hosts = [...new Set(data?.passkeys.map(one => one.host))]
  const elsewhere = hosts.length > 0 && !hosts.includes(nameOf(location))
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <h1 className="text-2xl font-semibold tracking-tight">One more step</h1>
      <Card title="Your passkey">
        <div className="grid gap-4 p-4">
          <p className="max-w-prose">
            A second factor is asked of you on this server, and yours is a passkey
            {hosts.length > 0 && (
              <>
                , which works at <span className="font-mono text-sm">{hosts.join(', ')}</span>
              </>
            )}
            .
          </p>
          {show.error != null && <Refused error={show.error} />}
          {why !== null ? (
            <NoPasskey why={why} />
          ) : elsewhere ? (
            <p className="text-sm text-soft">
              This page is {nameOf(location)}: open the dashboard by the other name.
            </p>
          ) : (
            <div>
              <Button look="main" busy={show.isPending} onClick={() => show.mutate()}>
                Use your passkey
              </Button>
            </div>
          )}
          <p className="max-w-prose text-soft">
            If you cannot use it, somebody on the server lets you in again:{' '}
            <Command text={`inn people reset ${me?.email ?? 'EMAIL'}`} />
          </p>
        </div>
      </Card>
    </div>
  )
}
