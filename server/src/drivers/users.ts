import { readFile } from 'node:fs/promises'
import type { Account } from '../apps/account.ts'
import { execOk } from './exec.ts'

export const isRoot = (): boolean => process.getuid!() === 0

/** The account of that name, or null. */
export async function findAccount(name: string): Promise<Account | null> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find(text => text.startsWith(`${name}:`))
  const fields = line?.split(':')
  return fields === undefined ? null : { name, uid: Number(fields[2]), gid: Number(fields[3]) }
}

const nameOf = (app: string): string => `inn-${app}`.slice(0, 32)

/** The user that an app runs as: one of its own when we are root, ours (null) otherwise. */
export async function appAccount(app: string): Promise<Account | null> {
  if (!isRoot()) return null
  const name = nameOf(app)
  const known = await findAccount(name)
  if (known !== null) return known
  const add = [
    'useradd',
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    name,
  ]
  await execOk({ argv: add, timeoutMs: 30_000 }, `making the user ${name}`)
  return findAccount(name)
}

/** Takes the app's own user away; its files are gone before. */
export async function removeAccount(app: string): Promise<void> {
  const name = nameOf(app)
  if (!isRoot() || (await findAccount(name)) === null) return
  await execOk({ argv: ['userdel', name], timeoutMs: 30_000 }, `removing the user ${name}`)
}

/** A user that a Debian package made for its server; null when we are not root. */
export async function packageAccount(name: string): Promise<Account | null> {
  return isRoot() ? findAccount(name) : null
}
