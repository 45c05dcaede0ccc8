import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceState } from '../../servers/supervisor/supervisor.ts'

const TAI_EPOCH = 4611686018427387914n

/** null: there is no such service. */
export async function stateOf(at: string, name: string): Promise<ServiceState | null> {
  if (!existsSync(at)) return null
  const status = small(join(at, 'supervise', 'status'))
  const [tag, crashes] = ['tag', 'crashes'].map(file => small(join(at, file))?.toString() ?? '')
  const told = { name, tag: tag!, crashes: crashes!.split('\n').length - 1 }
  if (status === null || status.length < 20) return { ...told, pid: null, wanted: false, seconds: 0 }
  const started = Number(status.readBigUInt64BE(0) - TAI_EPOCH)
  return {
    ...told,
    // State byte: 1 is the service itself, 2 its finish script.
    pid: status[19] === 1 ? status.readUInt32LE(12) || null : null,
    wanted: String.fromCharCode(status[17]!) === 'u',
    seconds: Math.max(0, Math.floor(Date.now() / 1000) - started),
  }
}

/** Whether `finish` runs. It must see that the stop was asked for, also when a start follows at once. */
export const isFinishing = (at: string): boolean => small(join(at, 'supervise', 'status'))?.[19] === 2

/** Reads a small file synchronously: each service is looked at every second, and a few bytes cost less than a thread. */
function small(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
