import { readdir, readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { referencesUser, userName } from '../../apps/app/names.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { exec, execOk } from './exec.ts'
import { isRoot, killProcess, processInfo } from './proc.ts'

/** The user that nginx's workers run as, from Debian's package. */
export const EDGE_USER = 'www-data'

/** All accounts of this machine, with the comment of each. */
async function accounts(): Promise<Array<Account & { comment: string }>> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').filter(line => line !== '')
  return lines.map(line => {
    const [name, , uid, gid, comment] = line.split(':')
    return { name: name!, uid: Number(uid), gid: Number(gid), comment: comment ?? '' }
  })
}

/** The account with that name; null: there is none. */
export async function findAccount(name: string): Promise<Account | null> {
  const found = (await accounts()).find(account => account.name === name)
  return found === undefined ? null : { name, uid: found.uid, gid: found.gid }
}

/** The name of a user; its number, where it has none. */
export const nameOf = async (uid: number): Promise<string> =>
  (await accounts()).find(account => account.uid === uid)?.name ?? String(uid)

/** The comment of users that were made for a home. A comment may hold neither a colon nor a line break. */
const commentOf = (home: string): string => `Innkeeper ${home.replaceAll(/[:\n]/g, '_')}`

/**
 * The user that an app runs as: its own when the keeper runs as root, else the keeper's (null). The edge's user joins
 * the group of the app, because the edge reads the app's files, and nobody else does.
 */
export async function appAccount(home: string, app: string): Promise<Account | null> {
  if (!isRoot()) return null
  const name = userName(home, app)
  await makeUser(home, name)
  if (!(await isMember(EDGE_USER, name)))
    await change(`letting ${EDGE_USER} read ${app}`, 'usermod', '--append', '--groups', name, EDGE_USER)
  return findAccount(name)
}

/** The user as which commands say the value of a secret: no app runs as it, and it owns nothing. */
export async function referencesAccount(home: string): Promise<Account | null> {
  if (!isRoot()) return null
  const name = referencesUser(home)
  await makeUser(home, name)
  return findAccount(name)
}

const change = (what: string, ...argv: string[]) => execOk({ argv, timeoutMs: 30_000 }, what)

async function makeUser(home: string, name: string): Promise<void> {
  if ((await findAccount(name)) !== null) return
  // --force: a group with that name is left after a power cut between these commands.
  await change(`making the group ${name}`, 'groupadd', '--system', '--force', name)
  const nowhere = ['--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin']
  const comment = ['--comment', commentOf(home)]
  await change(`making the user ${name}`, 'useradd', '--system', '--gid', name, ...comment, ...nowhere, name)
}

async function isMember(user: string, group: string): Promise<boolean> {
  const line = (await readFile('/etc/group', 'utf8')).split('\n').find(text => text.startsWith(`${group}:`))
  return (line?.split(':')[3] ?? '').split(',').includes(user)
}

/** Removes the app's own user after killing its processes, because another app may get its uid. Its files must be gone before. */
export async function removeAccount(home: string, app: string): Promise<void> {
  const account = isRoot() ? await findAccount(userName(home, app)) : null
  if (account !== null) await removeUser(account)
}

/** Removes all users of a home that begins anew: its files were deleted by hand, and so nobody else removes them. */
export async function removeLeftAccounts(home: string): Promise<void> {
  if (!isRoot()) return
  const own = (await accounts()).filter(({ comment }) => comment === commentOf(home))
  for (const account of own) await removeUser(account)
}

async function removeUser(account: Account): Promise<void> {
  await endProcessesOf(account)
  await execOk({ argv: ['userdel', account.name], timeoutMs: 30_000 }, `removing the user ${account.name}`)
  // userdel removes the user's group, except when somebody else is in it.
  await exec({ argv: ['groupdel', '--force', account.name], timeoutMs: 30_000 })
}

const ENDED_WITHIN_MS = 10_000

/** Kills every process of an app's user, also daemons that left their process group and their parent. */
export async function endProcesses(home: string, app: string): Promise<void> {
  const account = isRoot() ? await findAccount(userName(home, app)) : null
  if (account !== null) await endProcessesOf(account)
}

/** Kills every command that says the value of a secret, with what it left running. Nobody may wait for what has ended: a container's first process does not. */
export async function endReferences(home: string): Promise<void> {
  const account = isRoot() ? await findAccount(referencesUser(home)) : null
  if (account !== null) await endProcessesOf(account, async pid => (await processInfo(pid)) !== null)
}

/** `counts`: whether a process must be gone; `userdel` counts those, too, that have ended and nobody has waited for. */
async function endProcessesOf(
  { uid, name }: Account,
  counts: (pid: number) => Promise<boolean> = async () => true,
): Promise<void> {
  if (uid === 0) throw new Error(`${name} is root`)
  for (const end = Date.now() + ENDED_WITHIN_MS; Date.now() < end; await sleep(10)) {
    const pids = (await readdir('/proc')).filter(entry => /^\d+$/.test(entry)).map(Number)
    const owned = await Promise.all(
      pids.map(
        async pid => (await stat(`/proc/${pid}`).catch(() => null))?.uid === uid && (await counts(pid)),
      ),
    )
    const left = pids.filter((pid, n) => owned[n] && pid > 1)
    if (left.length === 0) return
    for (const pid of left) killProcess({ pid })
  }
}

/** A user that a Debian package made for its server; null when we are not root. */
export async function packageAccount(name: string): Promise<Account | null> {
  return isRoot() ? findAccount(name) : null
}
