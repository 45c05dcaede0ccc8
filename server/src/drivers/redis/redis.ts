import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { answers } from '../host/answers.ts'
import { exec } from '../host/exec.ts'
import { SILENT_MS, whileAnswering } from '../host/vigil.ts'

interface Snapshot {
  port: number
  password: string
  file: string
  signal: AbortSignal
}

/** A backup of all apps waits for each Redis in turn, so a Redis that hangs must not hold it up for long. */
const LONGEST_MS = 15 * 60_000

/** Writes a snapshot of a Redis on loopback into a file, and checks the file. */
export async function redisSnapshot({ port, password, file, signal }: Snapshot): Promise<void> {
  const shared = { timeoutMs: LONGEST_MS, signal, background: true }
  const taken = await whileAnswering({ answers: () => redisAnswers(port), failure: silent, signal }, over =>
    exec({
      argv: ['redis-cli', '-h', '127.0.0.1', '-p', String(port), '--rdb', file],
      env: { REDISCLI_AUTH: password },
      ...shared,
      signal: over,
    }),
  )
  if (taken.code !== 0) throw failed('Redis gave no snapshot of itself', taken.tail)
  const read = await exec({ argv: ['redis-check-rdb', file], ...shared })
  if (read.code !== 0) throw failed('the snapshot of Redis cannot be read', read.tail)
}

/** Whether the Redis on this port of loopback answers now: without the password it answers that it wants one. */
export const redisAnswers = (port: number): Promise<boolean> =>
  answers({ host: '127.0.0.1', port }, Buffer.from('PING\r\n'))

const silent = (): Failure =>
  failed(
    'Redis gave no snapshot of itself',
    `it said nothing for ${showDuration(SILENT_MS)}: its process is frozen (SIGSTOP), or its disk or its machine hangs`,
  )

const failed = (what: string, output: string): Failure =>
  new Failure('backup.redis', what, {
    why: telling(output),
    fix: '`inn status` shows whether it runs; then again: `inn backup now`',
  })
