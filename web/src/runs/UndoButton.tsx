import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import type { Run } from '../../../server/src/engine/wire.ts'
import { ask } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { Confirm } from '../kit/Confirm.tsx'
import { Undo } from '../kit/icons.tsx'
import { stepKey } from '../kit/steps.ts'
import { capital } from '../kit/words.ts'
import { useMay } from '../people/me.ts'

/** The button that undoes a run, until its point of no return. */
export function UndoButton({ run }: { run: Run }) {
  const may = useMay('operator', run.app)
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const undo = useMutation({
    mutationFn: () => ask(z.unknown(), `/api/runs/${run.id}/undo`, { body: {} }),
    onSuccess: () => {
      setAsking(false)
      void client.invalidateQueries({ queryKey: ['run', run.id] })
    },
  })
  if (run.state !== 'running' || !may) return null
  const begun = run.steps.filter(step => step.phase === 'steps' && step.state !== 'pending')
  const backwards = begun.filter(step => step.undo !== null).reverse()
  return (
    <>
      <Button small onClick={() => setAsking(true)} data-action="undo">
        <Undo className="size-3.5" />
        Take it back
      </Button>
      {asking && (
        <Confirm
          title={`Take back: ${run.title}`}
          confirm="Take it back"
          cancel="Let it go on"
          busy={undo.isPending}
          error={undo.error}
          onConfirm={() => undo.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>The step under way is stopped. Then, backwards:</p>
          <ol className="list-decimal pl-5">
            {backwards.map(step => (
              <li key={stepKey(step)}>{capital(step.undo!)}</li>
            ))}
            {backwards.length === 0 && <li>Nothing: no step so far has anything to take back.</li>}
          </ol>
        </Confirm>
      )}
    </>
  )
}
