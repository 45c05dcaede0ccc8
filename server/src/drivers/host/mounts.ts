import { telling } from '../../kernel/output.ts'
import { exec } from './exec.ts'
import { isRoot } from './proc.ts'

/** Why the launcher gives apps no mounts of their own on this machine; null: it does, or all apps run as one user. */
export async function mountsProblem(): Promise<string | null> {
  if (!isRoot()) return null
  // As the launcher tries it.
  const trial = ['mount', '-t', 'tmpfs', 'none', '/tmp']
  const argv = ['unshare', '--mount', '--ipc', '--propagation', 'private', ...trial]
  const { code, tail } = await exec({ argv, timeoutMs: 10_000 })
  return code === 0 ? null : telling(tail)
}
