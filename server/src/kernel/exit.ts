/** Exit codes of all commands; docs/commands.md documents them. */
export const EXIT = {
  done: 0,
  /** The change failed or was undone: nothing that serves was changed. */
  failed: 1,
  /** The command line or the file is wrong. */
  usage: 2,
  /** The change holds, but something is left over. */
  leftover: 3,
  /** A person must act: the text says what. */
  stuck: 4,
  /** The keeper does not answer. */
  unreachable: 5,
  /** `inn status`: something that should serve does not, or a part of the server is down. */
  down: 6,
  /** Nothing has begun: somebody else must approve it first. */
  waiting: 7,
  interrupted: 130,
} as const

export function exitCodeOf(code: string): number {
  if (code === 'keeper.unreachable') return EXIT.unreachable
  if (code === 'approval.waiting') return EXIT.waiting
  return code === 'request.invalid' || code.startsWith('config.') || code.startsWith('usage.')
    ? EXIT.usage
    : EXIT.failed
}
