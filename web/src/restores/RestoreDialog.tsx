import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import type { Backups } from '../../../server/src/data/backups/wire.ts'
import { Plan } from '../changes/PlanDialog.tsx'
import { useChange, usePlan, type Wanted } from '../changes/queries.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Waiting } from '../kit/Empty.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { useNow } from '../kit/time.tsx'
import { backupsOf } from '../points/owner.ts'
import { type Choice, firstChoice, isGrave, offerOf, wantedOf } from './choice.ts'
import { Instead } from './Instead.tsx'
import { RestoreForm } from './RestoreForm.tsx'

interface Props {
  apps: readonly string[]
  app: string
  /** Name of the restore point whose button was pressed; null: none. */
  point: string | null
  backups: Backups
  onClose: () => void
}

/** The dialog for a restore: choose a moment, see the plan, type the app's name to confirm. */
export function RestoreDialog({ apps, app, point, backups, onClose }: Props) {
  const now = useNow()
  const [choice, setChoice] = useState(() => firstChoice(app, offerOf(backupsOf(app, backups), now), point))
  const offer = offerOf(backupsOf(choice.app, backups), now)
  const [wanted, setWanted] = useState<Wanted | null>(null)
  const plan = usePlan(wanted)
  const run = useChange(wanted)
  const form = useId()
  const [typed, setTyped] = useState('')
  const ask = (exact: string | null) => {
    setTyped('')
    setWanted(wantedOf(choice, exact))
  }
  const change = (next: Choice) => {
    setChoice(next)
    setWanted(null)
    run.reset()
  }
  const ready = wanted !== null && plan.isSuccess && !plan.isFetching
  const grave = isGrave(choice)
  return (
    <Dialog
      title={`Restore ${choice.app}`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form={form}
            data-confirm="restore"
            look={grave ? 'danger' : 'main'}
            busy={run.isPending}
            disabled={!ready || (grave && typed !== choice.app)}
          >
            {doesOf(choice)}
          </Button>
        </>
      }
    >
      <RestoreForm
        apps={apps}
        choice={choice}
        offer={offer}
        busy={wanted !== null && plan.isFetching}
        onChange={change}
        onAsk={() => ask(null)}
      />
      {run.isError && <ErrorBox error={run.error} />}
      {wanted !== null && !ready && !plan.isError && <Waiting rows={6} />}
      {wanted !== null && plan.isError && (
        <>
          <ErrorBox error={plan.error} />
          <Instead error={plan.error} onChoose={ask} />
        </>
      )}
      {ready && (
        <Shown>
          <Plan plan={plan.data} />
          <Confirmation
            id={form}
            app={grave ? choice.app : null}
            typed={typed}
            onType={setTyped}
            onConfirm={() => run.mutate()}
          />
        </Shown>
      )}
    </Dialog>
  )
}

/** Takes the focus when it appears, so that people and screen readers notice it. */
function Shown({ children }: { children: ReactNode }) {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    ref.current?.focus({ preventScroll: true })
    ref.current?.scrollIntoView({ block: 'start' })
  }, [])
  return (
    <div ref={ref} tabIndex={-1} className="grid scroll-mt-4 gap-4 outline-none">
      {children}
    </div>
  )
}

const ROWS_DO: Record<Choice['rows'], string> = {
  compare: 'Compare',
  merge: 'Bring the rows back',
  table: 'Make the table',
  csv: 'Write the file',
}

const DOES = { files: 'Bring the files back', redis: 'Bring the Redis back', copy: 'Make the copy' } as const

const doesOf = ({ what, app, rows }: Choice): string =>
  what === 'app' ? `Restore ${app}` : what === 'tables' ? ROWS_DO[rows] : DOES[what]

interface ConfirmationProps {
  id: string
  /** null: nothing of the app changes, and no name is asked for. */
  app: string | null
  typed: string
  onType: (typed: string) => void
  onConfirm: () => void
}

/** The confirmation: the app's name must be typed, because two apps are easily confused in an emergency. */
function Confirmation({ id, app, typed, onType, onConfirm }: ConfirmationProps) {
  const field = useId()
  const confirm = (event: FormEvent) => {
    event.preventDefault()
    if (app === null || typed === app) onConfirm()
  }
  if (app === null) return <form id={id} onSubmit={confirm} />
  return (
    <form id={id} onSubmit={confirm} className="grid gap-1 border-t border-line pt-4">
      <label htmlFor={field}>
        Type <span className="font-semibold">{app}</span> to restore it
      </label>
      <input
        id={field}
        className="field sm:!w-64"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        onChange={event => onType(event.target.value)}
      />
    </form>
  )
}
