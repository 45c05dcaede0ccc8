import { chown, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { pgpassField } from '../../kernel/quote.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { execOk } from '../host/exec.ts'
import { giveFolder, makeFolder, writeDurable } from '../host/files.ts'
import { freePartPort } from '../host/ports.ts'

/** Where a cluster is, and which user owns it. */
export interface Place {
  /** Folder with the cluster, its password and its port. */
  at: string
  run: string
  /** The user that PostgreSQL runs as; null: the keeper's own user, which is not root. */
  account: () => Promise<Account | null>
  newPassword: () => string
}

const MAX_CONNECTIONS = 400

export const passwordFileOf = (at: string): string => join(at, 'password')
export const socketFolderOf = (run: string): string => join(run, 'pg')
export const portFileOf = (at: string): string => join(at, 'port')

/** The port of the cluster, which never changes in a home; null before the cluster was created. */
export async function portOf(at: string): Promise<number | null> {
  const text = await readFile(portFileOf(at), 'utf8').catch(() => null)
  return text === null ? null : Number(text)
}

/** The newest PostgreSQL of the machine's packages: major version and folder of its programs. */
export async function newestMajor(): Promise<{ major: number; bin: string }> {
  const majors = (await readdir('/usr/lib/postgresql').catch(() => [])).map(Number).filter(n => n > 0)
  if (majors.length === 0) {
    throw new Failure('database.missing', 'PostgreSQL is not installed', {
      why: 'there is no /usr/lib/postgresql/*/bin',
      fix: 'apt-get install postgresql',
    })
  }
  const major = Math.max(...majors)
  return { major, bin: `/usr/lib/postgresql/${major}/bin` }
}

/** The major of the cluster; for a new one, the newest that is installed. */
export async function installed(at: string): Promise<{ major: number; bin: string }> {
  const made = (await readdir(at).catch(() => [])).filter(name => /^\d+$/.test(name)).map(Number)
  if (made.length === 0) return newestMajor()
  const major = Math.max(...made)
  return { major, bin: `/usr/lib/postgresql/${major}/bin` }
}

/** Writes the superuser's password into a pgpass file, for tools that run as PostgreSQL's own user. */
export async function writePassFile(at: string, account: Account | null): Promise<void> {
  const password = (await readFile(passwordFileOf(at), 'utf8')).trim()
  const path = join(at, 'pgpass')
  await writeDurable(`${path}.new`, `*:*:*:innkeeper:${pgpassField(password)}\n`)
  if (account !== null) await chown(`${path}.new`, account.uid, account.gid)
  await rename(`${path}.new`, path)
}

const ownedBy = (account: Account | null): string[] =>
  account === null ? [] : ['-o', account.name, '-g', account.name]

/** Makes a folder that only PostgreSQL's user may enter; its content stays. Fails with `what` when the path is a link or a file. */
export async function ownedFolder(path: string, account: Account | null, what: string): Promise<void> {
  try {
    await giveFolder(path, account, 0o700)
  } catch (error) {
    throw new Failure('database.folder', `${what} failed`, {
      why: `${path}: ${(error as Error).message}`,
      fix: 'make it a folder, or take away what stands there',
      cause: error,
    })
  }
}

/** Runs initdb in a temporary folder, which is renamed when it is complete: an incomplete cluster is never started. */
export async function createCluster(
  place: Place,
  { bin, data }: { bin: string; data: string },
): Promise<void> {
  const { at, run } = place
  const passwordFile = passwordFileOf(at)
  const account = await place.account()
  await makeFolder(at)
  const password = (await readFile(passwordFile, 'utf8').catch(() => '')).trim() || place.newPassword()
  await writeDurable(passwordFile, password)
  const port = (await portOf(at)) ?? (await freePartPort())
  const half = `${data}.half`
  const handed = join(at, 'password.initdb')
  await execOk({ argv: ['rm', '-rf', half], timeoutMs: 60_000 }, 'clearing a half-made cluster')
  await ownedFolder(half, account, 'making the cluster folder')
  const init = [
    join(bin, 'initdb'),
    '-D',
    half,
    '-U',
    'innkeeper',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '-A',
    'scram-sha-256',
    '--data-checksums',
    `--pwfile=${handed}`,
  ]
  await execOk(
    { argv: ['install', '-m', '600', ...ownedBy(account), passwordFile, handed], timeoutMs: 10_000 },
    'handing initdb its password',
  )
  try {
    await execOk({ argv: init, user: account, env: { LANG: 'C.UTF-8' }, timeoutMs: 120_000 }, 'initdb')
  } finally {
    await rm(handed, { force: true })
  }
  await configure({ folder: half, socketFolder: socketFolderOf(run), port, account })
  await execOk({ argv: ['mv', '-T', half, data], timeoutMs: 10_000 }, 'putting the cluster in place')
  await writeDurable(portFileOf(at), String(port))
}

interface Configuration {
  folder: string
  socketFolder: string
  port: number
  account: Account | null
}

async function configure({ folder, socketFolder, port, account }: Configuration): Promise<void> {
  const conf = [
    `listen_addresses = '127.0.0.1'`,
    `port = ${port}`,
    `unix_socket_directories = '${socketFolder}'`,
    'unix_socket_permissions = 0777',
    `max_connections = ${MAX_CONNECTIONS}`,
    `password_encryption = 'scram-sha-256'`,
    `log_destination = 'stderr'`,
    'logging_collector = off',
    'log_lock_waits = on',
  ]
  await execOk(
    {
      argv: ['tee', '-a', join(folder, 'postgresql.conf')],
      user: account,
      input: `\n${conf.join('\n')}\n`,
      timeoutMs: 10_000,
    },
    'writing postgresql.conf',
  )
}
