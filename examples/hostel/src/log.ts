type Facts = Record<string, unknown>

function write(level: string, msg: string, facts: Facts = {}) {
  process.stdout.write(`${JSON.stringify({ level, time: new Date().toISOString(), msg, ...facts })}\n`)
}

export const log = {
  info: (msg: string, facts?: Facts) => write('info', msg, facts),
  warn: (msg: string, facts?: Facts) => write('warn', msg, facts),
  error: (msg: string, facts?: Facts) => write('error', msg, facts),
}

/** Drizzle puts the whole query, with what guests wrote, into its message: the cause says what failed. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error) return cause.message || String((cause as NodeJS.ErrnoException).code)
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
