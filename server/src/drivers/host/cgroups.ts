import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { groupName } from '../../apps/app/names.ts'
import { isRoot } from './proc.ts'

/** Control groups of version 2: of their own on current systems, beside those of version 1 on older ones. */
const ROOTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']
const GONE_WITHIN_MS = 5_000

/** Folder for the control groups of one home; null: this machine has none, or we may not make any. */
export function cgroupFolder(home: string): string | null {
  const root = ROOTS.find(
    path => existsSync(join(path, 'cgroup.procs')) && existsSync(join(path, 'cgroup.stat')),
  )
  if (root === undefined || !isRoot()) return null
  return join(root, groupName(home))
}

/** Makes the folder, and asks for the limits that this kernel has. Nothing happens where there are no control groups. */
export async function prepareCgroups(folder: string | null): Promise<void> {
  if (folder === null) return
  try {
    await mkdir(folder, { recursive: true })
    for (const at of [join(folder, '..'), folder])
      await writeFile(join(at, 'cgroup.subtree_control'), '+memory').catch(() => {}) // Of version 1 here.
  } catch {
    // Read-only in a container: processes are then ended by their groups and their user.
  }
}

/** Ends every process of a control group and removes it. Nothing happens when there is none. */
export async function endCgroup(path: string | null): Promise<void> {
  if (path === null) return
  try {
    await writeFile(join(path, 'cgroup.kill'), '1')
    for (const end = Date.now() + GONE_WITHIN_MS; Date.now() < end; await sleep(10))
      if ((await readFile(join(path, 'cgroup.procs'), 'utf8')) === '') break
    await rmdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // It never began, somebody starts in it again, or the kernel is older than cgroup.kill.
    if (!['ENOENT', 'EBUSY', 'EACCES', 'EPERM'].includes(code ?? '')) throw error
  }
}

/** Takes the folder of a home away, with whoever is left in it. */
export async function dropCgroups(folder: string | null): Promise<void> {
  await tidyCgroups(folder, [])
  await endCgroup(folder)
}

/** Ends what no service that is kept runs in: builds and commands of a keeper that was killed. */
export async function tidyCgroups(folder: string | null, kept: readonly string[]): Promise<void> {
  if (folder === null) return
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const left = entries.filter(entry => entry.isDirectory() && !kept.includes(entry.name))
  await Promise.all(left.map(entry => endCgroup(join(folder, entry.name))))
}
