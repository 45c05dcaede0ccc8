import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { powerCut } from './processes.ts'

/** The machine is lost, and another one takes its address: nothing is there but what npm brings. `beside`: a folder of the same disk. */
export async function emptied(home: string, beside: string): Promise<void> {
  await powerCut(home)
  const runtimes = join(beside, 'runtimes')
  await rename(join(home, 'runtimes'), runtimes)
  await rm(home, { recursive: true, force: true, maxRetries: 5 })
  await mkdir(home)
  await chmod(home, 0o711)
  await rename(runtimes, join(home, 'runtimes'))
}
