import { type Command, type CommandOptions, InvalidArgumentError, Option } from 'commander'

/** Makes a subcommand with the options that all commands have. */
export type Sub = (name: string, about: string, example: string, more?: CommandOptions) => Command
export type OpenCli = (flags: { json?: boolean; wait?: boolean }) => Promise<import('./command.ts').Cli>

export const plan = () => new Option('--plan', 'show what would be done, and do nothing')
/** For every command that changes something, beside `plan`. */
export const wait = () => new Option('--wait', 'wait for a change under way instead of being told of it')
export const environment = () =>
  new Option(
    '-e, --environment <name>',
    'the app as it is in this environment, e.g. staging; default: production',
  )
export const json = () => new Option('--json', 'one JSON document on standard output')
/** Collects the values of an option that may be given several times. */
export const collect = (value: string, all: string[] = []): string[] => [...all, value]

export const below =
  (noun: Command): Sub =>
  (name, about, example, more = {}) =>
    noun
      .command(name, more)
      .description(about)
      .addOption(json())
      .addHelpText('after', `\nExample:\n  ${example}`)

/** Makes subcommands of `inn NAME`, to which several nouns may add. */
export const among = (program: Command, name: string, about: string): Sub =>
  below(program.commands.find(one => one.name() === name) ?? program.command(name).description(about))

/** The command line, to which each noun adds its commands. */
export interface CommandLine {
  program: Command
  /** A command right below `inn`. */
  sub: Sub
  cli: OpenCli
  /** Loaded when a command asks for it. */
  checkout: () => Promise<import('./checkout.ts').Checkout>
  home: string
}

export const envFile = () =>
  new Option('--env-file <file>', 'the same, from a file of NAME=value lines; -: from standard input')

/** Reads a whole number from 1 to `most`. */
export const whole =
  (most: number) =>
  (text: string): number => {
    if (/^[1-9]\d*$/.test(text) && Number(text) <= most) return Number(text)
    throw new InvalidArgumentError(`It wants a whole number from 1 to ${most}.`)
  }

/** Reads a text that is not longer than `most`. */
export const short =
  (most: number) =>
  (text: string): string => {
    if (text.length <= most) return text
    throw new InvalidArgumentError(`It may have ${most} letters, and has ${text.length}.`)
  }
