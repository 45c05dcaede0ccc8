import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import type { SiteLogin } from '../../reach/edge/edge.ts'
import { execOk } from '../host/exec.ts'
import { giveFolder, writeDurable } from '../host/files.ts'
import { findAccount } from '../host/users.ts'

/** Below nginx's prefix. Workers read a file of it at each request, so a change takes no reload. */
const LOGINS = 'logins'

/** The file of a site as its configuration names it. */
export const loginsOf = (site: string): string => `${LOGINS}/${site}`

/** Makes the folder, which nobody enters but root and the user of the workers (null: the same as ours). */
export async function makeLogins(folder: string, workerUser: string | null): Promise<void> {
  const account = workerUser === null ? null : await findAccount(workerUser)
  await giveFolder(join(folder, LOGINS), account, account === null ? 0o700 : 0o500)
}

/** Writes who is let in, with the hash that OpenSSL makes of the password; null: nobody. */
export async function writeLogin(folder: string, site: string, login: SiteLogin | null): Promise<void> {
  const path = join(folder, loginsOf(site))
  if (login === null) return rm(path, { force: true })
  const password = login.password.reveal()
  if (!/^[\w.@-]{1,64}$/.test(login.user) || !/^[^\r\n\0]{1,200}$/.test(password))
    throw new Failure('edge.login', `the login of ${site} cannot be used`, {
      why: 'a password has one line of 200 letters at most, and is not empty',
      fix: 'give another one: `inn deploy --env-file FILE`',
    })
  const argv = ['openssl', 'passwd', '-6', '-stdin']
  const { stdout } = await execOk({ argv, input: `${password}\n`, timeoutMs: 20_000 }, 'openssl passwd')
  await writeDurable(path, `${login.user}:${stdout.trim()}\n`, 0o644)
}
