import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execOk } from '../../server/src/drivers/host/exec.ts'
import { Failure } from '../../server/src/kernel/failure.ts'

/** A folder of Debian packages that this machine takes them from. */
export interface Repository {
  uri: string
  /** `Debian`, `Debian-Security`, or that of somebody else. */
  label: string
  /** bookworm, bookworm-updates, bookworm-security. */
  suite: string
}

/** The repositories that apt of this machine is set to, the same mirror for the root. */
export async function repositoriesOf(): Promise<Repository[]> {
  const argv = [
    'apt-get',
    'indextargets',
    '--format',
    '$(REPO_URI)|$(LABEL)|$(RELEASE)',
    'Created-By: Packages',
  ]
  const { stdout } = await execOk({ argv, cwd: '/', env: {}, timeoutMs: 20_000 }, 'asking apt for its mirror')
  return readRepositories(stdout)
}

export function readRepositories(told: string): Repository[] {
  const lines = told.split('\n').filter(line => line.includes('|'))
  return [...new Set(lines)].map(line => {
    const [uri, label, suite] = line.split('|')
    return { uri: uri!, label: label!, suite: suite! }
  })
}

/** The mirror of Debian itself. Failure `test.mirror`. */
export function mirrorIn(repositories: readonly Repository[]): string {
  const found = repositories.find(one => one.label === 'Debian')
  if (found !== undefined) return found.uri
  throw new Failure('test.mirror', 'apt of this machine knows no mirror of Debian', {
    why: 'apt-get indextargets lists none with the label Debian',
    fix: 'add one to /etc/apt/sources.list.d, then: apt-get update',
  })
}

/** Lines of sources.list for another release, of what this machine has of its own: updates and security, too. */
export function sourcesFor(repositories: readonly Repository[], release: string): string {
  const lines = repositories
    .filter(({ label }) => label === 'Debian' || label === 'Debian-Security')
    .map(({ uri, suite }) => `deb ${uri} ${suite.replace(/^[a-z]+/, release)} main`)
  return `${[...new Set([`deb ${mirrorIn(repositories)} ${release} main`, ...lines])].join('\n')}\n`
}

/** Gives apt of the root the same mirror, and how this machine reaches it. */
export async function aptSettings(
  root: string,
  repositories: readonly Repository[],
  release: string,
): Promise<void> {
  const { stdout } = await execOk(
    { argv: ['apt-config', 'dump'], cwd: '/', env: {}, timeoutMs: 20_000 },
    'apt-config',
  )
  const network = stdout.split('\n').filter(line => /^Acquire::(https?|ftp|Check|Retries|Force)/.test(line))
  await writeFile(join(root, 'etc/apt/apt.conf.d/50machine'), `${network.join('\n')}\n`)
  await writeFile(join(root, 'etc/apt/sources.list'), sourcesFor(repositories, release))
}
