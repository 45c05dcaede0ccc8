import { useState } from 'react'
import type { Approval } from '../../../server/src/engine/wire-change.ts'
import { Plan } from '../changes/PlanDialog.tsx'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Ago } from '../kit/time.tsx'
import { useMayIn } from '../people/me.ts'
import { useDecision, useWaiting } from './queries.ts'

/** What waits for somebody's approval; nothing where nothing does. */
export function Waiting() {
  const { data = [] } = useWaiting()
  const [open, setOpen] = useState<string | null>(null)
  const mayDo = { viewer: useMayIn('viewer'), operator: useMayIn('operator'), admin: useMayIn('admin') }
  const shown = data.find(({ id }) => id === open)
  if (data.length === 0) return null
  return (
    <Card title="Waits for an approval">
      <ul aria-label="waits for an approval" className="divide-y divide-line">
        {data.map(one => (
          <li
            key={one.id}
            data-approval={one.id}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3"
          >
            <div className="min-w-0">
              <p className="font-medium break-words">{one.plan.title}</p>
              <p className="text-sm text-soft">
                asked for by {askerOf(one)} <Ago at={one.askedAt} /> · {one.approvedBy.length} of {one.needed}{' '}
                approved
              </p>
            </div>
            {mayDo[one.role](one.app) && (
              <Button small onClick={() => setOpen(one.id)}>
                Look at it
              </Button>
            )}
          </li>
        ))}
      </ul>
      {shown !== undefined && <Decision approval={shown} onClose={() => setOpen(null)} />}
    </Card>
  )
}

/** Who asks; an assistant is named after its person. */
const askerOf = ({ assistant, askedBy }: Approval): string => (assistant ? `the ${askedBy}` : askedBy)

function Decision({ approval, onClose }: { approval: Approval; onClose: () => void }) {
  const { plan, assistant } = approval
  const decide = useDecision(approval, onClose)
  return (
    <Dialog
      title={plan.title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Later</Button>
          <Button look="danger" busy={decide.isPending} onClick={() => decide.mutate('refuse')}>
            Refuse
          </Button>
          <Button
            look="main"
            data-confirm="approve"
            busy={decide.isPending}
            onClick={() => decide.mutate('approve')}
          >
            Approve
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <p className="text-soft">
          Asked for by {askerOf(approval)}
          {assistant && ', which can begin nothing itself'}. When enough people have approved it, it begins at
          once.
        </p>
        <Plan plan={plan} />
        {decide.error && <ErrorBox error={decide.error} />}
      </div>
    </Dialog>
  )
}
