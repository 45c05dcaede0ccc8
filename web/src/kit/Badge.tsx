import type { ReactNode } from 'react'
import type { z } from 'zod'
import type { AppState, Colour, InstanceState } from '../../../server/src/apps/app/wire.ts'
import type { Run } from '../../../server/src/engine/wire.ts'
import { Check, Cross, Moon, Pause, Sparkle, Turning, Undo, Warn } from './icons.tsx'

export type Tone = 'ink' | 'soft' | 'warn' | 'bad' | 'busy' | 'blue' | 'green'

const TONES: Record<Tone, string> = {
  ink: 'bg-sunk text-ink ring-line',
  soft: 'bg-sunk text-soft ring-line',
  warn: 'bg-warn-tint text-warn ring-warn/30',
  bad: 'bg-bad-tint text-bad ring-bad/30',
  busy: 'bg-busy-tint text-busy ring-busy/30',
  blue: 'bg-blue-tint text-blue ring-blue/30',
  green: 'bg-green-tint text-green ring-green/30',
}

export function Badge({ tone = 'soft', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full align-middle px-2 py-0.5 text-xs font-medium whitespace-nowrap ring-1 ring-inset ${TONES[tone]}`}
    >
      {children}
    </span>
  )
}

const small = 'size-3.5'

const APP: Record<z.infer<typeof AppState>, [Tone, ReactNode]> = {
  serving: ['ink', <Check key="i" className={small} />],
  degraded: ['warn', <Warn key="i" className={small} />],
  down: ['bad', <Cross key="i" className={small} />],
  stopped: ['soft', <Pause key="i" className={small} />],
  asleep: ['soft', <Moon key="i" className={small} />],
  maintenance: ['warn', <Pause key="i" className={small} />],
  new: ['soft', <Sparkle key="i" className={small} />],
}

export function AppStateBadge({ state }: { state: z.infer<typeof AppState> }) {
  const [tone, icon] = APP[state]
  return (
    <Badge tone={tone}>
      {icon}
      {state}
    </Badge>
  )
}

const INSTANCE: Record<z.infer<typeof InstanceState>, [Tone, ReactNode]> = {
  ready: ['ink', <Check key="i" className={small} />],
  starting: ['busy', <Turning key="i" className={`${small} turn`} />],
  failing: ['warn', <Warn key="i" className={small} />],
  down: ['bad', <Cross key="i" className={small} />],
  stopped: ['soft', <Pause key="i" className={small} />],
}

export function InstanceStateBadge({ state }: { state: z.infer<typeof InstanceState> }) {
  const [tone, icon] = INSTANCE[state]
  return (
    <Badge tone={tone}>
      {icon}
      {state}
    </Badge>
  )
}

const OUTCOMES: Record<NonNullable<Run['outcome']>, [Tone, ReactNode]> = {
  done: ['ink', <Check key="i" className={small} />],
  'done-but': ['warn', <Check key="i" className={small} />],
  undone: ['warn', <Undo key="i" className={small} />],
  stuck: ['bad', <Warn key="i" className={small} />],
}

export function RunBadge({ run }: { run: Pick<Run, 'state' | 'outcome'> }) {
  const [tone, icon] = run.outcome
    ? OUTCOMES[run.outcome]
    : (['busy', <Turning key="i" className={`${small} turn`} />] as const)
  return (
    <Badge tone={tone}>
      {icon}
      {run.outcome ?? run.state}
    </Badge>
  )
}

/** Blue or green, shown by colour, shape and word. */
export function ColourMark({ colour, children }: { colour: Colour; children?: ReactNode }) {
  return (
    <Badge tone={colour}>
      {colour === 'blue' ? (
        <span className="size-2 rounded-full bg-blue" aria-hidden="true" />
      ) : (
        <span className="size-2 rotate-45 rounded-[1px] bg-green" aria-hidden="true" />
      )}
      {children ?? colour}
    </Badge>
  )
}
