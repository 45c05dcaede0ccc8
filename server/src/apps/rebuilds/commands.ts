import type { CommandLine } from '../../cli/options.ts'
import { changes } from '../deploys/commands.ts'

export function commands(line: CommandLine): void {
  const { change, run } = changes(line)
  change(
    'rebuild [app]',
    'build what serves again from nothing, beside it, to see that its source and registries still give the same',
    'inn rebuild shop',
  ).action((app, flags) => run(flags, app, 'rebuild', {}))
}
