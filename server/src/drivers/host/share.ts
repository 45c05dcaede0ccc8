import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CACHES, type Sharing, WRITTEN } from '../../apps/releases/sealed.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { exec, execOk } from './exec.ts'
import { makeFolder, removeTree } from './files.ts'
import { programBeside } from './program.ts'
import type { Order } from './share-inside.ts'

const LONGEST_MS = 300_000
const MEMORY = 400 * 1024 ** 2

/**
 * Stores equal package files of two releases once, as files of root that no app can write to, and empties the caches of
 * idle releases. Returns how many bytes of the newer one are stored once. Failure `release.share`.
 */
export async function share({ newer, earlier, idle, account }: Sharing): Promise<number> {
  // Without a user of its own, an app can write to whatever the keeper can.
  if (account === null) return 0
  // The first release: the program would find nothing to compare, and nothing to empty.
  if (earlier === null && idle.length === 0) return 0
  const root = join(newer, 'sharing')
  await makeFolder(root, 0o700)
  try {
    const order: Order = {
      ...{ uid: account.uid, gid: account.gid, caches: CACHES, written: WRITTEN },
      newer: basename(newer),
      earlier: earlier === null ? null : basename(earlier),
      idle: idle.map(path => basename(path)),
    }
    const argv = [
      ...['bash', '--norc', '-c', script(), 'enter', root, dirname(newer), process.execPath, INSIDE],
      ...[String(account.uid), String(account.gid), JSON.stringify(order)],
    ]
    const done = await exec({ argv, timeoutMs: LONGEST_MS, memoryBytes: MEMORY, background: true }).catch(
      // Its own words would name the whole script.
      ({ code }: Failure) => Promise.reject(unshared(`it was ended: ${code}`)),
    )
    if (done.code !== 0) throw unshared(telling(done.tail))
    return Number(done.stdout.trim())
  } finally {
    await removeTree(root)
  }
}

/**
 * Gives files that several releases have in common to root, after all of them were given to the app. Nothing of the app
 * may run.
 */
export async function protect(releases: string, account: Account | null): Promise<void> {
  if (account === null) return
  const common = ['-xdev', '-type', 'f', '-links', '+1', '-path', '*/node_modules/*']
  const own = WRITTEN.flatMap(name => ['-not', '-path', `*/${name}/*`])
  const give = ['-exec', 'chown', '-h', `0:${account.gid}`, '{}', '+', '-exec', 'chmod', 'go-w', '{}', '+']
  const argv = ['find', releases, ...common, ...own, ...give]
  await execOk({ argv, timeoutMs: LONGEST_MS }, `protecting what the releases in ${releases} have in common`)
}

const INSIDE = programBeside(import.meta, 'share-inside')
const script = (): string => readFileSync(join(import.meta.dirname, 'share.sh'), 'utf8')

const unshared = (why: string): Failure =>
  new Failure('release.share', 'equal files of two releases could not be stored once', {
    why,
    fix: 'nothing has to be done: each release has files of its own. It takes root, and a machine that allows mounts',
  })
