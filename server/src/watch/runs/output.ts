import type { Engine } from '../../engine/engine.ts'
import type { Step } from '../../engine/plan.ts'

const LINES = 5_000
/** Number of runs whose output is kept: only the latest are followed live. A release's log keeps all of its output. */
const RUNS = 20

interface Line {
  phase: 'steps' | 'cleanup'
  index: number
  text: string
}

export type Output = ReturnType<typeof runOutput>

/** Output lines of runs, kept in memory while the keeper lives. */
export function runOutput(engine: Pick<Engine<Step>, 'on'>) {
  const known = new Map<string, Line[]>()
  engine.on(event => {
    if (event.type !== 'line') return
    const lines = known.get(event.run) ?? []
    if (lines.length < LINES) lines.push({ phase: event.phase, index: event.index, text: event.text })
    known.set(event.run, lines)
    if (known.size > RUNS) known.delete(known.keys().next().value!)
  })
  return { of: (run: string): readonly Line[] => known.get(run) ?? [] }
}
