import type { Finished } from '../../apps/releases/runner.ts'
import { exec, SYSTEM_PATH } from './exec.ts'

export interface Wanted {
  /** The program, as an absolute path. */
  program: string
  home: string
  /** Of a command, without the program. */
  words: readonly string[]
  /** What the keeper lent it: its requests have these rights, and no others. */
  pass: string
  timeoutMs: number
  /** Ends what a keeper before this one left running of the same. */
  pidFile: string
  onLine(line: string): void
}

/** Runs a command of inn to its end, with nobody at its input and nothing of this process's environment. */
export const runInn = ({ program, home, words, pass, ...more }: Wanted): Promise<Finished> =>
  exec({
    ...more,
    argv: [program, ...words],
    cwd: '/',
    env: { PATH: SYSTEM_PATH, INNKEEPER_HOME: home, INNKEEPER_PASS: pass, NO_COLOR: '1', LANG: 'C.UTF-8' },
  })
