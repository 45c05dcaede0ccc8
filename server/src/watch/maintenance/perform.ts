import { type Perform, type Performers, performing } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import type { MaintenanceStep } from './step.ts'

export interface PerformPorts {
  /**
   * Runs a command line in the release of an app that serves, as `inn run` does, and shows its lines. `code`: null when a
   * signal ended it; `tail`: the end of what it printed. Rejects when it cannot be started.
   */
  command(
    app: string,
    line: string,
    more: { signal: AbortSignal; say(line: string): void },
  ): Promise<{ code: number | null; tail: string }>
}

export function maintenancePerformer(ports: PerformPorts): Perform<MaintenanceStep> {
  const performers: Performers<MaintenanceStep> = {
    async 'maintenance.run'({ app, command, window }, { signal, say }) {
      const { code, tail } = await ports.command(app, command, { signal, say })
      if (code === 0) return
      throw new Failure('maintenance.command', `${command} ended with ${code ?? 'a signal'}`, {
        why: tail,
        fix: `what comes after it did not run: \`inn maintenance end ${window}\` lets visitors in`,
      })
    },
  }
  return performing(performers)
}
