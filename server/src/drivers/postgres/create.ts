import { chown, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { pgpassField } from '../../kernel/quote.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { execOk } from '../host/exec.ts'
import { exists, giveFolder, makeFolder, writeDurable } from '../host/files.ts'
import { freePartPort } from '../host/ports.ts'

/** Where a cluster is, and which user owns it. */
export interface Place {
  /** Folder with the cluster (`data`), and our records about it: its password, port and major. */
  at: string
  run: string
  /** The user that PostgreSQL runs as; null: the keeper's own user, which is not root. */
  account: () => Promise<Account | null>
  /** The superuser's password for a new cluster. */
  newPassword: () => Promise<string>
  /** Ports of other clusters of this home, which may be stopped now. */
  takenPorts: () => Promise<ReadonlySet<number>>
}

export const passwordFileOf = (at: string): string => join(at, 'password')
export const socketFolderOf = (run: string): string => join(run, 'pg')
export const portFileOf = (at: string): string => join(at, 'port')
export const majorFileOf = (at: string): string => join(at, 'major')
export const dataOf = (at: string): string => join(at, 'data')

/** The port of the cluster, which never changes; null before the cluster was created. */
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
      fix: '`apt-get install postgresql`',
    })
  }
  const major = Math.max(...majors)
  return { major, bin: `/usr/lib/postgresql/${major}/bin` }
}

/** The major of the files in a data folder; null: there are none. */
export async function majorIn(data: string): Promise<number | null> {
  const text = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')
  return Number.parseInt(text, 10) || null
}

/** Folder of the programs of a major. Failure `database.major`. */
export async function programsOf(major: number): Promise<string> {
  const bin = `/usr/lib/postgresql/${major}/bin`
  if (await exists(join(bin, 'postgres'))) return bin
  throw new Failure('database.major', `PostgreSQL ${major} is not installed`, {
    why: `the data was written by PostgreSQL ${major}, and ${bin} has no programs`,
    fix: `\`apt-get install postgresql-${major}\``,
  })
}

/** The major of the cluster: of its files, or of the record about them while they are gone; for a new one, the newest that is installed. */
export async function majorOf(at: string): Promise<number> {
  const recorded = Number.parseInt(await readFile(majorFileOf(at), 'utf8').catch(() => ''), 10)
  return (await majorIn(dataOf(at))) ?? (recorded || (await newestMajor()).major)
}

/** Writes the superuser's password into a pgpass file, for tools that run as PostgreSQL's own user. */
export async function writePassFile(at: string, account: Account | null): Promise<void> {
  const password = (await readFile(passwordFileOf(at), 'utf8')).trim()
  const path = join(at, 'pgpass')
  await writeDurable(`${path}.new`, `*:*:*:innkeeper:${pgpassField(password)}\n`)
  if (account !== null) await chown(`${path}.new`, account.uid, account.gid)
  await rename(`${path}.new`, path)
}

/** Options of `install` for files of PostgreSQL's user. */
export const ownedBy = (account: Account | null): string[] =>
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
  { major, bin }: { major: number; bin: string },
): Promise<void> {
  const { at } = place
  const data = dataOf(at)
  const account = await place.account()
  await makeFolder(at)
  const known = (await readFile(passwordFileOf(at), 'utf8').catch(() => '')).trim()
  await writeDurable(passwordFileOf(at), known || (await place.newPassword()))
  const port = (await portOf(at)) ?? (await freePartPort(await place.takenPorts()))
  const half = `${data}.half`
  await execOk({ argv: ['rm', '-rf', half], timeoutMs: 60_000 }, 'clearing a half-made cluster')
  await ownedFolder(half, account, 'making the cluster folder')
  await initialise(place, { bin, data: half, account })
  await execOk({ argv: ['mv', '-T', half, data], timeoutMs: 10_000 }, 'putting the cluster in place')
  await writeDurable(majorFileOf(at), String(major))
  // The port is written last: with it, the cluster counts as created.
  await writeDurable(portFileOf(at), String(port))
}

async function initialise(
  { at }: Place,
  { bin, data, account }: { bin: string; data: string; account: Account | null },
): Promise<void> {
  const handed = join(at, 'password.initdb')
  await execOk(
    { argv: ['install', '-m', '600', ...ownedBy(account), passwordFileOf(at), handed], timeoutMs: 10_000 },
    'handing initdb its password',
  )
  const init = [
    ...[join(bin, 'initdb'), '-D', data, '-U', 'innkeeper', '-E', 'UTF8', '--locale=C.UTF-8'],
    ...['-A', 'scram-sha-256', '--data-checksums', `--pwfile=${handed}`],
  ]
  try {
    await execOk({ argv: init, user: account, env: { LANG: 'C.UTF-8' }, timeoutMs: 120_000 }, 'initdb')
  } finally {
    await rm(handed, { force: true })
  }
}
