type Facts = Record<string, unknown>

function write(level: string, msg: string, facts: Facts = {}) {
  process.stdout.write(`${JSON.stringify({ level, time: new Date().toISOString(), msg, ...facts })}\n`)
}

export const log = {
  info: (msg: string, facts?: Facts) => write('info', msg, facts),
  warn: (msg: string, facts?: Facts) => write('warn', msg, facts),
  error: (msg: string, facts?: Facts) => write('error', msg, facts),
}

/** Without the values of a query: what patients tell does not belong in a log. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.message || String((error as NodeJS.ErrnoException).code ?? error.name)
}
