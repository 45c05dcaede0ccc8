import { constants } from 'node:fs'
import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Account } from '../../servers/confinement/account.ts'

/** Writes a file so that a power cut leaves the old one or the new one, whole: temporary name, fsync, rename, fsync of the folder. */
export async function writeDurable(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${process.pid}.tmp`)
  const file = await open(temporary, 'w', mode)
  try {
    await file.writeFile(content)
    await file.chmod(mode)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncFolder(folder)
}

/** The same, unless that is what it holds. Resolves with whether it was written. */
export async function writeIfChanged(path: string, content: string, mode: number): Promise<boolean> {
  if ((await readFile(path, 'utf8').catch(() => null)) === content) return false
  await writeDurable(path, content, mode)
  return true
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** Makes a folder with exactly this mode, whatever the umask is. */
export async function makeFolder(path: string, mode = 0o711): Promise<void> {
  const made = await mkdir(path, { recursive: true })
  if (made === undefined) return
  const folder = await open(path, 'r')
  try {
    await folder.chmod(mode)
  } finally {
    await folder.close()
  }
}

/** Makes a folder with this owner and mode; what is in it stays as it is. The kernel refuses a symbolic link at this path. */
export async function giveFolder(path: string, account: Account | null, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    if (account !== null) await folder.chown(account.uid, account.gid)
    await folder.chmod(mode)
  } finally {
    await folder.close()
  }
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Full paths of all files below a folder; empty when the folder does not exist. */
export const filesIn = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

export const removeTree = (path: string): Promise<void> =>
  rm(path, { recursive: true, force: true, maxRetries: 3 })
