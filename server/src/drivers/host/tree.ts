import { mkdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Account } from '../../servers/confinement/account.ts'
import { execOk } from './exec.ts'
import { exists, giveFolder, makeFolder, writeDurable } from './files.ts'

const LONGEST_MS = 600_000

/** What the steps of a deploy do with files. GNU's tools walk a tree by descriptors: a link that an app puts there while they work leads them nowhere. */
export const files = {
  folder: makeFolder,
  write: writeDurable,
  exists,

  async remove(path: string): Promise<void> {
    const argv = ['rm', '-rf', '--one-file-system', '--', path]
    await execOk({ argv, timeoutMs: LONGEST_MS }, `removing ${path}`)
  },

  /**
   * Gives a tree to an app's user, or to root. Only for one that no app has reached yet: a hard link to somebody else's
   * file would be given away with it. Links are not followed.
   */
  async own(path: string, account: Account | 'root' | null): Promise<void> {
    if (account === null) return
    const owner = account === 'root' ? '0:0' : `${account.uid}:${account.gid}`
    await execOk(
      { argv: ['chown', '-R', '-h', '-P', owner, path], timeoutMs: LONGEST_MS },
      `giving ${path} to ${account === 'root' ? 'root' : account.name}`,
    )
  },

  give: giveFolder,

  /** The app's own /tmp. A home below /tmp gets its place there before the app can put anything in its way. */
  async temporary(path: string, home: string): Promise<void> {
    const below = ['/tmp', '/var/tmp'].find(folder => home.startsWith(`${folder}/`))
    await mkdir(path, { recursive: true, mode: 0o700 })
    const closed = ((await stat(path)).mode & 0o077) === 0
    if (closed && below !== undefined)
      await mkdir(join(path, relative(below, home)), { recursive: true, mode: 0o711 })
    await giveFolder(path, null, 0o1777)
  },

  /** Bytes on the disk of a tree. */
  async size(path: string): Promise<number> {
    const done = await execOk({ argv: ['du', '-sk', path], timeoutMs: 120_000 }, `measuring ${path}`)
    return Number.parseInt(done.stdout, 10) * 1024
  },

  async logTail(folder: string, tag: string, lines: number): Promise<string> {
    const text = await readFile(join(folder, 'current'), 'utf8').catch(() => '')
    // 'time tag text': earlier releases wrote into the same file.
    const own = text.split('\n').flatMap(line => {
      const [, found, told] = /^\S+ (\S+) ?(.*)$/.exec(line) ?? []
      return found === tag && told !== '' ? [told!] : []
    })
    return own.slice(-lines).join('\n')
  },
}
