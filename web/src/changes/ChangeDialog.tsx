import { useState } from 'react'
import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import { Choose } from './Choose.tsx'
import { PlanDialog } from './PlanDialog.tsx'
import { CHANGES, firstChoice, type Verb } from './verbs.ts'

interface Props {
  app: AppStatus
  verb: Verb
  release?: string
  onClose: () => void
}

/** The dialog for a change of an app. */
export function ChangeDialog({ app, verb, release, onClose }: Props) {
  const { title, confirm, danger, request } = CHANGES[verb]
  const [choice, setChoice] = useState(() => firstChoice(app, release))
  return (
    <PlanDialog
      title={title(app.name)}
      verb={verb}
      confirm={confirm}
      danger={danger}
      wanted={{ path: `/api/apps/${app.name}/${verb}`, request: request(choice) }}
      onClose={onClose}
    >
      <Choose verb={verb} choice={choice} onChange={setChoice} />
    </PlanDialog>
  )
}
