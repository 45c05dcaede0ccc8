import type { Argument, Command, Option } from 'commander'
import { printJson } from './command.ts'

/**
 * What a shell is told to do when somebody presses Tab: to ask `inn complete` for the words that may stand there. What was
 * typed is passed on as arguments and never read by the shell again, so that a `$(…)` in it does not run. Where there are
 * none, it offers files.
 */
const SCRIPTS = {
  bash: `_inn() {
  local IFS=$'\\n'
  COMPREPLY=($(inn complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _inn inn
`,
  zsh: `_inn() {
  local -a found
  found=("\${(@f)$(inn complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "$found" ]]; then compadd -- $found; else _files; fi
}
compdef _inn inn
`,
  fish: `complete -c inn -a '(inn complete -- (commandline -opc)[2..-1] (commandline -ct))'
`,
}

export type Shell = keyof typeof SCRIPTS
export const SHELLS = Object.keys(SCRIPTS) as Shell[]

/** inn completion */
export function showScript(shell: Shell, { json = false }: { json?: boolean }): void {
  if (json) printJson({ script: SCRIPTS[shell] })
  else process.stdout.write(SCRIPTS[shell])
}

/** The words that may stand in the place of the last one. `typed`: what stands behind `inn`; `apps`: their names. */
export function wordsFor(program: Command, typed: readonly string[], apps: readonly string[]): string[] {
  const before = [...typed]
  const last = before.pop() ?? ''
  // Behind it stands a command of somebody else's.
  if (before.includes('--')) return []
  const { command, filled, open } = placeOf(program, before)
  const offered: readonly string[] =
    open !== null
      ? valuesOf(open, open.name() === 'app', apps)
      : last.startsWith('-')
        ? optionsOf(command)
        : [...commandsOf(command), ...argumentsOf(command, filled, apps)]
  return offered.filter(word => word.startsWith(last)).toSorted()
}

interface Place {
  command: Command
  /** How many of its arguments are there. */
  filled: number
  /** The option whose value comes next; null: none. */
  open: Option | null
}

function placeOf(program: Command, words: readonly string[]): Place {
  const place: Place = { command: program, filled: 0, open: null }
  for (const word of words) {
    const { command } = place
    const below = place.filled === 0 ? command.commands.find(one => one.name() === word) : undefined
    if (place.open !== null) place.open = null
    else if (word.startsWith('-')) place.open = valued(command, word) ?? valued(program, word) ?? null
    else if (below !== undefined) place.command = below
    else place.filled += 1
  }
  return place
}

const valued = ({ options }: Command, word: string): Option | undefined =>
  options.find(
    option => (option.required || option.optional) && (option.long === word || option.short === word),
  )

const visible = ({ options }: Command): Option[] => options.filter(option => !option.hidden)

const optionsOf = (command: Command): string[] => [
  ...visible(command).flatMap(({ long }) => long ?? []),
  '--help',
]

const commandsOf = (command: Command): string[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .map(one => one.name())

function argumentsOf(command: Command, filled: number, apps: readonly string[]): readonly string[] {
  const named = command.registeredArguments
  const next = named[filled] ?? named.findLast(argument => argument.variadic)
  return next === undefined ? [] : valuesOf(next, next.name() === 'app', apps)
}

const valuesOf = (of: Option | Argument, isApp: boolean, apps: readonly string[]): readonly string[] =>
  of.argChoices ?? (isApp ? apps : [])
