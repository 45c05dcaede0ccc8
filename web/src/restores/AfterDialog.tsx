import { PlainRequest } from '../../../server/src/engine/wire-change.ts'
import { PlanDialog } from '../changes/PlanDialog.tsx'

interface Props {
  app: string
  what: 'undo' | 'discard'
  onClose: () => void
}

const WORDS = {
  undo: {
    title: (app: string) => `Take the restore of ${app} back`,
    confirm: (app: string) => `Return ${app} to its data`,
    says: 'What was there before the restore comes back, and what was restored is removed.',
  },
  discard: {
    title: (app: string) => `Discard what ${app} had before`,
    confirm: (app: string) => `Discard the old data of ${app}`,
    says: 'What was put aside is deleted. After this, nothing brings it back but a backup.',
  },
}

/** The dialog for what may follow a restore: undo or discard. */
export function AfterDialog({ app, what, onClose }: Props) {
  const { title, confirm, says } = WORDS[what]
  return (
    <PlanDialog
      title={title(app)}
      verb={`restore-${what}`}
      confirm={confirm(app)}
      danger
      wanted={{ path: `/api/apps/${app}/restore/${what}`, request: PlainRequest.parse({}) }}
      onClose={onClose}
    >
      <p>{says}</p>
    </PlanDialog>
  )
}
