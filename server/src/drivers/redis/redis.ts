import { createHash } from 'node:crypto'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Secret } from '../../kernel/secret.ts'
import { answers } from '../host/answers.ts'
import { exec, execOk } from '../host/exec.ts'
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

interface Monitored {
  port: number
  /** The app's own password. */
  password: string
  user: string
  /** That of the user. */
  secret: Secret
}

/** What the exporter asks for. CONFIG would show the app's password, and keys are the app's. */
const MEASURING = ['-@all', '+ping', '+info', '+select', '+client|setname', '+latency|latest', '+slowlog|len']

/** A user of a Redis that sees its figures and nothing else. Redis forgets it when it is started again. */
export async function makeRedisMonitor({ port, password, user, secret }: Monitored): Promise<void> {
  const hash = createHash('sha256').update(secret.reveal()).digest('hex')
  const rule = ['acl', 'setuser', user, 'reset', 'on', `#${hash}`, ...MEASURING]
  const argv = ['redis-cli', '-h', '127.0.0.1', '-p', String(port), '-e', '--no-auth-warning', ...rule]
  await execOk(
    { argv, env: { REDISCLI_AUTH: password }, timeoutMs: 5_000 },
    'making the user that measures Redis',
  )
}
