import type { Run, RunEvent, RunStep } from '../engine/wire.ts'
import { showDuration } from '../kernel/durations.ts'
import { describe, Failure, lines } from '../kernel/failure.ts'
import { unmarked } from '../kernel/words.ts'
import { at, type Client } from './client.ts'
import type { Terminal } from './terminal.ts'

const MARKS = { done: '✓', failed: '✗', undone: '↶' } as const

/** Longest wait for an unreachable keeper: a machine restarts within minutes, and after that a person is needed. */
const AWAY_MS = 5 * 60_000

interface Following {
  client: Client
  terminal: Terminal
  /** Show every line of output, instead of only the newest one for a moment. */
  verbose: boolean
  quiet: boolean
  /** Ctrl-C came before it was followed. */
  interrupted?: boolean
}

/**
 * Remembers Ctrl-C for as long as `work` takes, instead of ending: while the keeper is asked to begin a change nobody
 * knows whether it has, and a terminal that ended then would leave it without a word.
 */
export async function heldBack<T>(work: () => Promise<T>): Promise<{ value: T; interrupted: boolean }> {
  let interrupted = false
  const note = () => {
    interrupted = true
  }
  process.on('SIGINT', note)
  try {
    const value = await work()
    return { value, interrupted }
  } catch (error) {
    // Nothing was begun, so there is nothing to ask about.
    if (interrupted) process.exit(130)
    throw error
  } finally {
    process.off('SIGINT', note)
  }
}

/** Follows a run to its end, also while the keeper restarts. Ctrl-C asks what to do with the run. */
export async function follow(id: string, following: Following): Promise<Run> {
  const { client, terminal, verbose, quiet } = following
  const told = new Set<string>()
  let last: Run | null = null
  let seen = performance.now()
  const over = new AbortController()
  const onInterrupt = () => void interrupted(id, { client, terminal, over: over.signal })
  process.on('SIGINT', onInterrupt)
  if (following.interrupted) onInterrupt()
  try {
    for (;;) {
      try {
        for await (const event of client.events<RunEvent>(at`/api/runs/${id}/events`)) {
          seen = performance.now()
          if (event.type === 'line' && !quiet) line(event.text, last, { terminal, verbose })
          if (event.type === 'run') {
            last = event.run
            if (!quiet) tell(event.run, told, terminal)
          }
        }
        if (last?.state === 'ended') return last
      } catch (error) {
        if (!(error instanceof Failure && error.code === 'keeper.unreachable')) throw error
      }
      if (performance.now() - seen > AWAY_MS) throw stayedAway(id)
      terminal.transient('the keeper is away; it goes on when it is back …')
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  } finally {
    process.off('SIGINT', onInterrupt)
    over.abort()
    terminal.transient('')
  }
}

function stayedAway(id: string): Failure {
  return new Failure('keeper.unreachable', 'the keeper went away and did not come back within 5 min', {
    why: 'the change that was followed is in its journal, and goes on when it is back',
    fix: `\`inn up\` starts it; \`inn history\` shows the change, \`inn cancel ${id}\` takes it back`,
  })
}

function line(
  text: string,
  run: Run | null,
  { terminal, verbose }: Pick<Following, 'terminal' | 'verbose'>,
): void {
  if (verbose || !process.stdout.isTTY) {
    terminal.print(terminal.paint('dim', `    ${text}`))
    return
  }
  const current = run?.steps.find(step => step.state === 'running')
  terminal.transient(`… ${current?.title ?? ''}  ${terminal.paint('dim', text)}`)
}

/** Prints the steps that ended since it was told last. `told`: what was printed already. */
export function tell(run: Run, told: Set<string>, terminal: Terminal): void {
  for (const step of run.steps) {
    const key = `${step.phase}.${step.index}.${step.state}`
    if (told.has(key) || !(step.state in MARKS)) continue
    told.add(key)
    terminal.print(stepLine(step, terminal))
  }
  const current = run.steps.find(step => step.state === 'running' || step.state === 'undoing')
  if (current !== undefined)
    terminal.transient(`… ${current.state === 'undoing' ? current.undo : current.title}`)
}

function stepLine(step: RunStep, terminal: Terminal): string {
  const mark = MARKS[step.state as keyof typeof MARKS]
  const style = step.state === 'done' ? 'green' : step.state === 'failed' ? 'red' : 'yellow'
  const title = step.state === 'undone' ? (step.undo ?? step.title) : step.title
  const ms = step.ms === null ? '' : terminal.paint('dim', `  ${showDuration(step.ms)}`)
  const note = step.note === null || step.state === 'failed' ? '' : terminal.paint('dim', `  ${step.note}`)
  return `${terminal.paint(style, mark)} ${title}${ms}${note}`
}

/** Asks after Ctrl-C. u: undo the run; l: let it go on without this terminal; anything else: go on watching. */
async function interrupted(
  id: string,
  { client, terminal, over }: { client: Client; terminal: Terminal; over: AbortSignal },
): Promise<void> {
  if (!terminal.interactive) {
    terminal.note(leftRunning(id))
    process.exit(130)
  }
  // A second Ctrl-C at the question means `l`.
  const answer = await terminal
    .ask('\n[u]ndo it, [l]et it go on in the keeper, or go on [w]atching? (then Enter) ', over)
    .catch(() => 'l')
  // The run ended before there was an answer: `follow` says how.
  if (over.aborted) return
  if (answer.startsWith('u')) {
    const problem = await client.post(at`/api/runs/${id}/undo`, {}).then(() => null, describe)
    terminal.print(problem === null ? 'taking it back …' : lines(problem))
    return
  }
  if (!answer.startsWith('l')) return
  terminal.note(leftRunning(id))
  process.exit(130)
}

const leftRunning = (id: string): string =>
  `it goes on in the keeper: inn cancel ${id} takes it back, inn history shows it`

/** The text that says in the terminal how a run ended. */
export function ending(run: Run, terminal: Terminal): string {
  const time = showDuration(run.ms ?? 0)
  const left = run.leftover.map(text => `  ${unmarked(text)}`).join('\n')
  if (run.outcome === 'done') return terminal.paint('green', `${run.title}: done in ${time}`)
  if (run.outcome === 'done-but')
    return `${terminal.paint('yellow', `${run.title}: done in ${time}, but`)}\n${left}`
  const failed = run.failure === null ? '' : `\n${lines(run.failure)}`
  if (run.outcome === 'undone')
    return `${terminal.paint('red', `${run.title}: ${takenBack(run, time)}`)}${failed}`
  return `${terminal.paint('red', `${run.title}: STUCK after ${time}; what is left to do by hand:`)}\n${left}${failed}`
}

/** What is left of a run that failed. A plan without an undo, such as that of a verify, has only failed. */
function takenBack({ steps }: Run, time: string): string {
  if (steps.every(step => step.undo === null)) return `failed after ${time}`
  const did = (kind: string) => steps.some(step => step.kind === kind && step.state === 'done')
  const left = [
    ...(did('release.migrate') ? ['what its release step did to the database stays'] : []),
    ...(did('instances.stop') ? ['what was kept warm before is stopped'] : []),
  ]
  const now = left.length === 0 ? 'everything is as it was' : `what serves is as it was; ${left.join('; ')}`
  return `undone after ${time}; ${now}`
}
