import { telling } from '../../kernel/output.ts'
import { exec } from './exec.ts'
import { isRoot } from './proc.ts'

/** Why apps cannot have their own mounts on this machine; null: they have, or all apps run as one user anyway. */
export async function mountsProblem(): Promise<string | null> {
  if (!isRoot()) return null
  // The same trial as in the launcher.
  const trial = ['mount', '-t', 'tmpfs', 'none', '/tmp']
  const argv = ['unshare', '--mount', '--ipc', '--propagation', 'private', ...trial]
  const { code, tail } = await exec({ argv, timeoutMs: 10_000 })
  return code === 0 ? null : telling(tail)
}
