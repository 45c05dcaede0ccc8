import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { powerCut } from './processes.ts'

/** Simulates a lost machine that is replaced by an empty one: only what npm brings is kept. `beside`: a folder on the same disk. */
export async function emptied(home: string, beside: string): Promise<void> {
  await powerCut(home)
  const runtimes = join(beside, 'runtimes')
  await rename(join(home, 'runtimes'), runtimes)
  await rm(home, { recursive: true, force: true, maxRetries: 5 })
  await mkdir(home)
  await chmod(home, 0o711)
  await rename(runtimes, join(home, 'runtimes'))
}
