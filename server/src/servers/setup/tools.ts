import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Places } from './facts.ts'
import type { Answer, How, Machine } from './machine.ts'

export interface Tools {
  machine: Machine
  places: Places
  clock: Clock
}

const LONGEST_MS = 120_000

/** Runs a program of the system; any code but 0 is a Failure with what it said. */
export async function must(machine: Machine, argv: readonly string[], how: How = {}): Promise<Answer> {
  const done = await machine.exec(argv, { timeoutMs: LONGEST_MS, ...how })
  if (done.code === 0) return done
  throw new Failure('setup.failed', `${argv.slice(0, 2).join(' ')} failed`, {
    why: `${argv.join(' ')} ended with ${done.code}\n${telling(done.tail)}`,
    fix: 'the lines above are what it printed; correct that, then `inn server setup` again',
  })
}
