import type { Command } from 'commander'
import { Option } from 'commander'
import { keyHere, keyOf } from './name.ts'
import { environment } from './options.ts'

/** Commands whose arguments are environments. */
const NAME_ENVIRONMENTS = new Set(['promote'])

/**
 * Every command that may be told an app takes `--app NAME` and `--environment NAME` too: one way to name it, whichever
 * command it is.
 */
export function nameApps(program: Command): void {
  for (const command of program.commands) {
    nameApps(command)
    const at = command.registeredArguments.findIndex(one => one.name() === 'app')
    const option = command.options.find(one => one.long === '--app')
    if (at === -1 && option === undefined) continue
    // One that may be repeated names what something is for, and not what the command is about.
    if (option?.parseArg !== undefined) continue
    const named = option ?? new Option('--app <name>', 'the app')
    if (option === undefined && !command.registeredArguments[at]!.required) command.addOption(named)
    const has = command.options.some(one => one.long === '--environment')
    if (!has && !NAME_ENVIRONMENTS.has(command.name())) command.addOption(environment())
    command.hook('preAction', () => nameApp(command, at))
  }
}

/** Puts what was typed in two places into one. */
function nameApp(command: Command, at: number): void {
  const flags = command.opts<{ app?: string; environment?: string }>()
  const argument = at === -1 ? undefined : (command.processedArgs[at] as string | undefined)
  if (argument !== undefined && flags.app !== undefined && argument !== flags.app)
    command.error(`error: two apps are named, ${argument} and ${flags.app}`)
  const { environment } = flags
  const named = argument ?? flags.app
  if (named === undefined && environment === undefined) return
  const key = named === undefined ? keyHere(environment!) : keyOf(named, environment)
  if (at === -1) command.setOptionValue('app', key)
  else command.processedArgs[at] = key
}
