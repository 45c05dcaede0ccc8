import type { ReactNode } from 'react'
import type { PlanView } from '../../../server/src/engine/wire.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Notices } from '../kit/Notices.tsx'
import { stepsOf } from '../kit/steps.ts'
import { Timeline } from '../kit/Timeline.tsx'
import { useChange, usePlan, type Wanted } from './queries.ts'

interface Props {
  title: string
  /** Name of the confirming button for tests of the page. */
  verb: string
  confirm: string
  danger?: boolean
  wanted: Wanted
  onClose: () => void
  /** Fields for choices before the plan is made. */
  children?: ReactNode
}

/** Shows the keeper's plan. When it is confirmed, the change begins. */
export function PlanDialog({ title, verb, confirm, danger = false, wanted, onClose, children }: Props) {
  const plan = usePlan(wanted)
  const run = useChange(wanted)
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            data-confirm={verb}
            look={danger ? 'danger' : 'main'}
            busy={run.isPending}
            disabled={plan.data === undefined || plan.isFetching}
            onClick={() => run.mutate()}
          >
            {confirm}
          </Button>
        </>
      }
    >
      {children}
      {run.isError && <ErrorBox error={run.error} />}
      <Loaded query={plan} rows={6}>
        {data => <Plan plan={data} />}
      </Loaded>
    </Dialog>
  )
}

export function Plan({ plan }: { plan: PlanView }) {
  return (
    <>
      <Notices notices={plan.notices} />
      <section aria-label="plan">
        <h3 className="mb-2 font-medium">{plan.title}</h3>
        {plan.steps.length + plan.cleanup.length === 0 ? (
          <p className="text-soft">There is nothing to do.</p>
        ) : (
          <Timeline steps={stepsOf(plan)} startedAt={null} />
        )}
      </section>
    </>
  )
}
