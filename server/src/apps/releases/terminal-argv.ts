import { quoteShell } from '../../kernel/quote.ts'
import type { TerminalSize } from './wire-command.ts'

/** What a command in a terminal needs in its environment: `script` starts the shell that it is told of. */
export const terminalEnv = (kind: string): Record<string, string> => ({ TERM: kind, SHELL: '/bin/sh' })

/** The command in a terminal of its own: `script` of util-linux makes one, and passes bytes, end and exit code on. */
export function inTerminal(argv: readonly string[], { columns, rows }: TerminalSize): string[] {
  const command = `stty rows ${rows} cols ${columns}; exec ${argv.map(quoteShell).join(' ')}`
  return ['script', '--quiet', '--return', '--flush', '--echo', 'always', '--command', command, '/dev/null']
}
