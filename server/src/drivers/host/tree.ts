import { mkdir, readFile, rename, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Account } from '../../servers/confinement/account.ts'
import { exec, execOk, failed } from './exec.ts'
import { exists, giveFolder, makeFolder, writeDurable } from './files.ts'
import { compare, seal } from './seal.ts'
import { protect, share } from './share.ts'

const LONGEST_MS = 600_000

/** File operations for the steps of a deploy. GNU's tools walk a tree by descriptors, so a link that an app puts there meanwhile cannot lead them elsewhere. */
export const files = {
  folder: makeFolder,
  rename,
  write: writeDurable,
  exists,

  async remove(path: string): Promise<void> {
    const argv = ['rm', '-rf', '--one-file-system', '--', path]
    await execOk({ argv, timeoutMs: LONGEST_MS }, `removing ${path}`)
  },

  /**
   * Changes the owner of a tree to an app's user or to root. No app must have been able to reach the tree before: the
   * owner of a hard link to somebody else's file would change too. Symbolic links are not followed.
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

  /** Makes the app's own /tmp. For a home below /tmp, its mount point is made there before the app can put something in its place. */
  async temporary(path: string, home: string): Promise<void> {
    const below = ['/tmp', '/var/tmp'].find(folder => home.startsWith(`${folder}/`))
    await mkdir(path, { recursive: true, mode: 0o700 })
    const closed = ((await stat(path)).mode & 0o077) === 0
    if (closed && below !== undefined)
      await mkdir(join(path, relative(below, home)), { recursive: true, mode: 0o711 })
    await giveFolder(path, null, 0o1777)
  },

  /** Bytes that a tree takes on the disk. */
  async size(path: string): Promise<number> {
    const done = await execOk({ argv: ['du', '-sk', path], timeoutMs: 120_000 }, `measuring ${path}`)
    return Number.parseInt(done.stdout, 10) * 1024
  },

  async sizes(paths: readonly string[]): Promise<number[]> {
    const argv = ['du', '-sk', '--', ...paths]
    const done = await exec({ argv, timeoutMs: 120_000 })
    const lines = done.stdout.trim().split('\n')
    // It ends with 1 when an app removes a file meanwhile, and the sums are good.
    if (lines.length !== paths.length) throw failed({ argv, timeoutMs: 0 }, done, 'measuring releases')
    return lines.map(line => Number.parseInt(line, 10) * 1024)
  },

  seal,
  compare,
  share,
  protect,

  async logTail(folder: string, tag: string, lines: number): Promise<string> {
    const text = await readFile(join(folder, 'current'), 'utf8').catch(() => '')
    // Lines are 'time tag text'. Only those with this tag count, because earlier releases wrote to the same file.
    const own = text.split('\n').flatMap(line => {
      const [, found, told] = /^\S+ (\S+) ?(.*)$/.exec(line) ?? []
      return found === tag && told !== '' ? [told!] : []
    })
    return own.slice(-lines).join('\n')
  },
}
