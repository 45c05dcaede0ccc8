import type { PlanView, Run, RunEvent, RunStep } from '../../server/src/engine/wire.ts'
import type { Failure } from '../../server/src/kernel/wire.ts'
import { ago } from './ago.ts'

/** Runs that advance by a clock: what the engine of the keeper reports, without doing anything. */

export const runs = new Map<string, Run>()
const lines = new Map<string, Array<Extract<RunEvent, { type: 'line' }>>>()
const listeners = new Set<(event: RunEvent, app: string | null) => void>()

export const linesOf = (id: string) => lines.get(id) ?? []

export function listen(listener: (event: RunEvent, app: string | null) => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

function tell(run: Run, event: RunEvent) {
  if (event.type === 'line') lines.set(run.id, [...linesOf(run.id), event])
  for (const listener of listeners) listener(event, run.app)
}

const changed = (run: Run) => tell(run, { type: 'run', run })
const say = (run: Run, index: number, text: string) =>
  tell(run, { type: 'line', run: run.id, phase: 'steps', index, text })

const OUTPUT: Array<[RegExp, string[]]> = [
  [
    /^build/,
    [
      'npm ci',
      'added 412 packages in 6s',
      'npm run build',
      '> hostel@1.4.0 build',
      '> tsc -p tsconfig.json',
      'built in 3.1 s',
    ],
  ],
  [/^release step/, ['node dist/migrate.js', 'applying 0003_currency', '1 migration applied']],
  [
    /^wait until/,
    [
      'GET http://127.0.0.1:4011/health/ready answered 503',
      'GET http://127.0.0.1:4011/health/ready answered 200',
      'GET http://127.0.0.1:4012/health/ready answered 200',
    ],
  ],
]

let last = 14

interface Begun {
  plan: PlanView
  kind: string
  app: string | null
  release: string | null
  actor: string
}

export function begin({ plan, kind, app, release, actor }: Begun): Run {
  const blank = { kind: `${kind}.step`, state: 'pending' as const, ms: null, note: null }
  const run: Run = {
    id: `run${++last}`,
    kind,
    title: plan.title,
    app,
    release,
    actor,
    state: 'running',
    outcome: null,
    failure: null,
    leftover: [],
    startedAt: ago(0),
    endedAt: null,
    ms: null,
    steps: [
      ...plan.steps.map((step, index) => ({ ...blank, ...step, index, phase: 'steps' as const })),
      ...plan.cleanup.map((title, index) => ({
        ...blank,
        title,
        undo: null,
        index,
        phase: 'cleanup' as const,
      })),
    ],
  }
  runs.set(run.id, run)
  return run
}

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Plays a run to its end, `paceMs` a step; resolves to whether it holds. */
export async function play(run: Run, paceMs: number): Promise<boolean> {
  for (const step of run.steps) {
    if (run.state === 'undoing') break
    if (step.phase === 'cleanup') run.state = 'cleaning'
    await playStep(run, step, paceMs)
  }
  if (run.state === 'undoing') await back(run, paceMs)
  run.outcome = run.failure ? 'undone' : 'done'
  run.state = 'ended'
  run.endedAt = ago(0)
  run.ms = Date.now() - Date.parse(run.startedAt)
  changed(run)
  return run.outcome === 'done'
}

async function playStep(run: Run, step: RunStep, paceMs: number) {
  const began = Date.now()
  step.state = 'running'
  changed(run)
  const output = OUTPUT.find(([title]) => title.test(step.title))?.[1] ?? []
  for (const text of output) {
    await wait(paceMs / 3)
    say(run, step.index, text)
  }
  await wait(paceMs)
  step.ms = Date.now() - began
  step.state = run.state === 'undoing' ? 'failed' : 'done'
  if (/^probe/.test(step.title)) step.note = '/api 200, / 200'
  if (/^watch/.test(step.title)) step.note = '214 requests, 0 errors, p95 38 ms (before: 41 ms)'
  changed(run)
}

async function back(run: Run, paceMs: number) {
  for (const step of run.steps.filter(one => one.undo !== null && one.state !== 'pending').reverse()) {
    step.state = 'undoing'
    changed(run)
    await wait(paceMs)
    step.state = 'undone'
    changed(run)
  }
}

export function takeBack(run: Run, actor: string): Failure | null {
  if (run.state !== 'running') {
    return {
      code: 'run.past-return',
      what: `${run.title} can no longer be taken back`,
      why: `it is ${run.outcome ?? run.state}`,
      fix: `\`inn rollback ${run.app}\``,
    }
  }
  run.state = 'undoing'
  run.failure = {
    code: 'run.taken-back',
    what: `${run.title} was taken back`,
    why: `${actor} asked for it`,
    fix: 'nothing: all is as it was before',
  }
  changed(run)
  return null
}

/** A run of the past, with times that look like those of the real one. */
export function past(
  id: string,
  begun: Begun,
  at: { secondsAgo: number; failsAt?: RegExp; failure?: Failure; leftover?: string[] },
): Run {
  const run: Run = { ...begin(begun), id, startedAt: ago(at.secondsAgo) }
  runs.delete(`run${last}`)
  last -= 1
  const failing = at.failsAt ? run.steps.findIndex(step => at.failsAt!.test(step.title)) : -1
  const times = [420, 31, 9_400, 1_850, 60, 900, 4_200, 38, 210, 10_040, 22]
  run.steps = run.steps.map((step, i): RunStep => {
    if (failing === -1 || i < failing)
      return { ...step, state: failing !== -1 && step.undo ? 'undone' : 'done', ms: times[i % times.length]! }
    return i === failing ? { ...step, state: 'failed', ms: 30_012, note: at.failure?.what ?? null } : step
  })
  run.state = 'ended'
  run.leftover = at.leftover ?? []
  run.outcome = at.leftover ? 'stuck' : at.failure ? 'undone' : 'done'
  run.failure = at.failure ?? null
  run.ms = run.steps.reduce((sum, step) => sum + (step.ms ?? 0), 0)
  run.endedAt = new Date(Date.parse(run.startedAt) + run.ms).toISOString()
  runs.set(id, run)
  for (const step of run.steps.filter(one => one.ms !== null)) {
    const output = OUTPUT.find(([title]) => title.test(step.title))?.[1] ?? []
    lines.set(id, [
      ...linesOf(id),
      ...output.map(text => ({ type: 'line' as const, run: id, phase: step.phase, index: step.index, text })),
    ])
  }
  return run
}
