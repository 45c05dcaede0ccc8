import { cp, lstat, mkdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Account } from '../apps/account.ts'
import { execOk } from './exec.ts'
import { exists, makeFolder, removeTree, writeDurable } from './files.ts'

/** What the steps of a deploy do with files. */
export const files = {
  folder: makeFolder,
  write: writeDurable,
  remove: removeTree,
  read: (path: string): Promise<string> => readFile(path, 'utf8'),
  exists,

  /** Gives a tree to an app's user; links are not followed. */
  async own(path: string, account: Account | null): Promise<void> {
    if (account === null) return
    await execOk(
      { argv: ['chown', '-R', '-h', `${account.uid}:${account.gid}`, path], timeoutMs: 300_000 },
      `giving ${path} to ${account.name}`,
    )
  },

  /** Replaces a path with a link; files that stood there move to the target once, where it has none of that name. */
  async link(target: string, path: string): Promise<void> {
    const there = await lstat(path).catch(() => null)
    if (there?.isDirectory()) await cp(path, target, { recursive: true, force: false })
    await removeTree(path)
    await mkdir(dirname(path), { recursive: true })
    await symlink(target, path)
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
