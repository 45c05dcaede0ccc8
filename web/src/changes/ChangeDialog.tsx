import { useState } from 'react'
import type { AppStatus } from '../../../contract/status.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Notices } from '../kit/Notices.tsx'
import { stepsOf } from '../kit/steps.ts'
import { Timeline } from '../kit/Timeline.tsx'
import { Choose } from './Choose.tsx'
import { useChange, usePlan } from './queries.ts'
import { CHANGES, firstChoice, type Verb } from './verbs.ts'

interface Props {
  app: AppStatus
  verb: Verb
  release?: string
  onClose: () => void
}

/** First what would be done, from the keeper; then, on confirmation, it is done. */
export function ChangeDialog({ app, verb, release, onClose }: Props) {
  const change = CHANGES[verb]
  const [choice, setChoice] = useState(() => firstChoice(app, release))
  const wanted = { app: app.name, verb, request: change.request(choice) }
  const plan = usePlan(wanted)
  const run = useChange(wanted)
  return (
    <Dialog
      title={change.title(app.name)}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            data-confirm={verb}
            look={change.danger ? 'danger' : 'main'}
            busy={run.isPending}
            disabled={plan.data === undefined || plan.isFetching}
            onClick={() => run.mutate()}
          >
            {change.confirm}
          </Button>
        </>
      }
    >
      <Choose verb={verb} choice={choice} onChange={setChoice} />
      {run.isError && <ErrorBox error={run.error} />}
      <Loaded query={plan} rows={6}>
        {data => (
          <>
            <Notices notices={data.notices} />
            <section aria-label="plan">
              <h3 className="mb-2 font-medium">{data.title}</h3>
              {data.steps.length + data.cleanup.length === 0 ? (
                <p className="text-soft">There is nothing to do.</p>
              ) : (
                <Timeline steps={stepsOf(data)} startedAt={null} />
              )}
            </section>
          </>
        )}
      </Loaded>
    </Dialog>
  )
}
