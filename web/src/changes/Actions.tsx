import { useState } from 'react'
import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import { Button } from '../kit/Button.tsx'
import { ChangeDialog } from './ChangeDialog.tsx'
import { CHANGES, VERBS, type Verb } from './verbs.ts'

/** Buttons for what this person may do with the app now, as the keeper says. */
export function Actions({ app }: { app: AppStatus }) {
  const [verb, setVerb] = useState<Verb | null>(null)
  const allowed = VERBS.filter(one => app.can.includes(one))
  if (allowed.length === 0) return null
  return (
    <fieldset aria-label="changes" className="flex flex-wrap gap-2">
      {allowed.map(one => (
        <Button
          key={one}
          data-action={one}
          look={one === 'rollback' || one === 'start' ? 'main' : 'plain'}
          className={CHANGES[one].danger ? '!text-bad' : ''}
          onClick={() => setVerb(one)}
        >
          {CHANGES[one].label}
        </Button>
      ))}
      {verb !== null && <ChangeDialog app={app} verb={verb} onClose={() => setVerb(null)} />}
    </fieldset>
  )
}
