import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupName } from '../../apps/app/names.ts'
import { isRoot } from './proc.ts'

/** Where control groups of version 2 are mounted: alone on current systems, beside those of version 1 on older ones. */
const ROOTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']
const GONE_WITHIN_MS = 5_000

/** Folder for the control groups of one home; null: this machine has none, or the keeper may not create any. */
export function cgroupFolder(home: string): string | null {
  const root = ROOTS.find(
    path => existsSync(join(path, 'cgroup.procs')) && existsSync(join(path, 'cgroup.stat')),
  )
  if (root === undefined || !isRoot()) return null
  return join(root, groupName(home))
}

/** Makes the folder and enables the limits that the kernel supports; does nothing without control groups. */
export async function prepareCgroups(folder: string | null): Promise<void> {
  if (folder === null) return
  try {
    await mkdir(folder, { recursive: true })
    for (const at of [join(folder, '..'), folder])
      await writeFile(join(at, 'cgroup.subtree_control'), '+memory').catch(() => {}) // The memory controller belongs to version 1 on this machine.
  } catch {
    // In a container it may be read-only. Processes are then ended by process group and by user.
  }
}

/** Kills every process of a control group and removes it; does nothing when there is none. */
export async function endCgroup(path: string | null): Promise<void> {
  if (path === null) return
  try {
    await writeFile(join(path, 'cgroup.kill'), '1')
    for (const end = Date.now() + GONE_WITHIN_MS; Date.now() < end; await sleep(10))
      if ((await readFile(join(path, 'cgroup.procs'), 'utf8')) === '') break
    await rmdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // The group never existed, a new start is using it, or the kernel has no cgroup.kill.
    if (!['ENOENT', 'EBUSY', 'EACCES', 'EPERM'].includes(code ?? '')) throw error
  }
}

/** Removes the folder of a home, and kills the processes that are left in it. */
export async function dropCgroups(folder: string | null): Promise<void> {
  await tidyCgroups(folder, [])
  await endCgroup(folder)
}

/** Ends control groups that do not belong to the `kept` services: builds and commands of a killed keeper. */
export async function tidyCgroups(folder: string | null, kept: readonly string[]): Promise<void> {
  if (folder === null) return
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const left = entries.filter(entry => entry.isDirectory() && !kept.includes(entry.name))
  await Promise.all(left.map(entry => endCgroup(join(folder, entry.name))))
}
