import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

/** Sends one command character to runsv; false: no runsv listens there yet. */
export async function control(at: string, command: 'u' | 'd' | 'h' | 't' | 'x'): Promise<boolean> {
  try {
    const fifo = await open(join(at, 'supervise', 'control'), constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      await fifo.write(command)
    } finally {
      await fifo.close()
    }
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // EPIPE: runsv ended between open and write.
    if (code === 'ENOENT' || code === 'ENXIO' || code === 'EPIPE') return false
    throw error
  }
}
