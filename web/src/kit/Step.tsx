import type { ReactNode } from 'react'
import type { RunStep } from '../../../server/src/engine/wire.ts'
import { Check, Circle, Cross, Turning, Undo } from './icons.tsx'
import { Output } from './Output.tsx'
import { underWay } from './steps.ts'
import { useNow } from './time.tsx'
import { capital, duration } from './words.ts'

type State = RunStep['state']

const MARKS: Record<State, ReactNode> = {
  pending: <Circle className="text-faint" />,
  running: <Turning className="turn text-busy" />,
  done: <Check className="text-ink" />,
  failed: <Cross className="text-bad" />,
  undoing: <Undo className="pulse text-busy" />,
  undone: <Undo className="text-warn" />,
}

const SAID: Record<State, string> = {
  pending: 'not begun',
  running: 'running',
  done: 'done',
  failed: 'failed',
  undoing: 'being taken back',
  undone: 'taken back',
}

interface Props {
  step: RunStep
  since: number | null
  longest: number
  last: boolean
  output: readonly string[]
}

export function Step({ step, since, longest, last, output }: Props) {
  const dim = since !== null && step.state === 'pending'
  const back = step.state === 'undone' || step.state === 'undoing'
  return (
    <li
      data-step={step.index}
      data-phase={step.phase}
      data-state={step.state}
      aria-current={underWay(step) ? 'step' : undefined}
      className="grid grid-cols-[1.25rem_minmax(0,1fr)_auto] gap-x-2.5"
    >
      <div className="flex flex-col items-center pt-1">
        {MARKS[step.state]}
        <span className="sr-only">{SAID[step.state]}</span>
        {!last && <span className="mt-1 w-px flex-1 bg-line" />}
      </div>
      <div className="min-w-0 pt-0.5 pb-1.5">
        <p className={dim ? 'text-faint' : underWay(step) ? 'font-semibold' : ''}>
          <span className={step.state === 'undone' ? 'text-soft line-through decoration-edge' : ''}>
            {capital(step.title)}
          </span>
        </p>
        {step.note && (
          <p className={`text-xs ${step.state === 'failed' ? 'text-bad' : 'text-soft'}`}>{step.note}</p>
        )}
        {step.undo && (since === null || back) && (
          <p className={`text-xs ${back ? 'text-warn' : 'text-faint'}`}>
            {back ? `${SAID[step.state]}: ` : 'if a later step fails: '}
            {step.undo}
          </p>
        )}
        <Output lines={output} live={underWay(step)} open={step.state === 'failed'} />
      </div>
      {since !== null && <Took step={step} since={since} longest={longest} />}
    </li>
  )
}

function Took({ step, since, longest }: { step: RunStep; since: number; longest: number }) {
  return (
    <div className="flex items-start gap-2 pt-0.5 text-right">
      {step.state === 'running' && step.ms === null ? (
        <Running since={since} />
      ) : (
        step.ms !== null && <span className="text-xs leading-5 text-soft">{duration(step.ms)}</span>
      )}
      <span className="mt-2 hidden h-1 w-16 rounded-full bg-sunk sm:block" aria-hidden="true">
        {step.ms !== null && (
          <span
            className={`block h-1 rounded-full ${step.state === 'failed' ? 'bg-bad' : 'bg-edge'}`}
            style={{ width: `${Math.max(3, (step.ms / longest) * 100)}%` }}
          />
        )}
      </span>
    </div>
  )
}

function Running({ since }: { since: number }) {
  const ms = Math.max(0, useNow() - since)
  return (
    <span className="text-xs leading-5 text-busy">
      {ms < 1000 ? '0 s' : duration(Math.floor(ms / 1000) * 1000)}
    </span>
  )
}
