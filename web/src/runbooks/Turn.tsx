import { type FormEvent, useState } from 'react'
import type { WalkItem, WalkView } from '../../../server/src/watch/runbooks/wire.ts'
import { Button } from '../kit/Button.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Labelled } from '../kit/Labelled.tsx'
import { useAct } from './queries.ts'

type Act = WalkView['acts'][number]

/** What may be done with the step whose turn it is. */
export function Turn({ walk, item, ix }: { walk: WalkView; item: WalkItem; ix: number }) {
  const [values, setValues] = useState<Record<string, string>>({})
  const act = useAct(walk.id)
  const send = (what: Act) => act.mutate({ item: ix, act: what, values: what === 'do' ? values : {} })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send('do')
  }
  const missing = item.values.some(name => (values[name] ?? '').trim() === '')
  return (
    <form onSubmit={submit} className="mt-2 grid gap-3">
      {item.values.length > 0 && (
        <div className="grid gap-3 sm:grid-cols-3">
          {item.values.map(name => (
            <Labelled key={name} label={name}>
              {id => (
                <input
                  id={id}
                  className="field"
                  value={values[name] ?? ''}
                  onChange={event => setValues({ ...values, [name]: event.target.value })}
                />
              )}
            </Labelled>
          ))}
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        {walk.acts.map(one =>
          one === 'do' ? (
            <Button key={one} type="submit" look="main" busy={act.isPending} disabled={missing}>
              {wordOf(item, walk.dry)}
            </Button>
          ) : (
            <Button
              key={one}
              look={one === 'skip' ? 'quiet' : 'plain'}
              disabled={act.isPending}
              onClick={() => send(one)}
            >
              {{ yes: 'Yes', no: 'No', skip: 'Leave out' }[one]}
            </Button>
          ),
        )}
      </div>
      {act.error != null && <ErrorBox error={act.error} />}
    </form>
  )
}

function wordOf({ kind, state }: WalkItem, dry: boolean): string {
  if (state === 'failed' || state === 'unknown') return kind === 'question' ? 'Look again' : 'Do it again'
  if (kind === 'text') return 'Done'
  return dry ? 'Show its plan' : 'Do it'
}
