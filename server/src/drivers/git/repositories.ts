import { readdir, readFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { basename, join } from 'node:path'
import type { Repositories } from '../../apps/pushes/ports.ts'
import type { RepositoryView } from '../../apps/pushes/wire.ts'
import { Failure } from '../../kernel/failure.ts'
import { quoteShell } from '../../kernel/quote.ts'
import { exec, SYSTEM_PATH } from '../host/exec.ts'
import { exists, makeFolder, removeTree, writeIfChanged } from '../host/files.ts'
import { gitCommand } from './git.ts'
import { OWN } from './own.ts'

/**
 * The hook of all repositories. Where commands of this user go otherwise, to another server perhaps, is no matter here.
 * `inn`: the launcher of this Innkeeper.
 */
const hook = (home: string, inn: string): string => `#!/bin/sh
# inn up and inn upgrade write this file anew.
exec env -u INNKEEPER_HOST -u INNKEEPER_URL -u INNKEEPER_TOKEN \\
  PATH=${SYSTEM_PATH} INNKEEPER_HOME=${quoteShell(home)} ${quoteShell(inn)} git receive
`

/** Said here, so that nothing of the user's own configuration takes its place. The path of a home needs no quotes. */
const config = (hooks: string): string => `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
	hooksPath = ${hooks}
[receive]
	fsckObjects = true
	advertisePushOptions = true
	denyNonFastForwards = false
	denyDeletes = false
	denyDeleteCurrent = refuse
`

/** What is deployed are the files as they were committed: no attribute of theirs leaves one out, changes it, or names a program. */
export const ATTRIBUTES = '* -export-ignore -export-subst -filter -ident\n'

/** Where a home is, and its folder for repositories. */
interface Place {
  root: string
  git: string
}

const hooksOf = ({ git }: Place): string => join(git, 'hooks')

async function writeHook(place: Place, inn: string): Promise<void> {
  await makeFolder(hooksOf(place), 0o700)
  await writeIfChanged(join(hooksOf(place), 'pre-receive'), hook(place.root, inn), 0o700)
}

/** Has pushes call this Innkeeper, where there are repositories: another version lies in another folder. */
export async function defineHook(place: Place, inn: string): Promise<void> {
  if (await exists(place.git)) await writeHook(place, inn)
}

/** Bare repositories of a home. The branch that is deployed is the one that HEAD names. */
export function repositories(place: Place, inn: string): Repositories {
  const folder = place.git
  const at = (app: string) => join(folder, `${app}.git`)
  const git = (app: string, ...args: string[]) =>
    exec({ ...gitCommand(folder, args, { ...OWN, GIT_DIR: at(app) }), timeoutMs: 60_000 })
  const view = async (app: string): Promise<RepositoryView | null> => {
    const head = await readFile(join(at(app), 'HEAD'), 'utf8').catch(() => '')
    const branch = /^ref: refs\/heads\/(.+)\n?$/.exec(head)?.[1]
    if (branch === undefined) return null
    const tip = await git(app, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`)
    const commit = tip.code === 0 ? tip.stdout.trim() : null
    return { app, branch, path: at(app), commit, user: ownUser(), host: hostname() }
  }
  return {
    async list() {
      const names = (await readdir(folder).catch(() => [])).filter(name => name.endsWith('.git')).sort()
      const views = await Promise.all(names.map(name => view(basename(name, '.git'))))
      return views.flatMap(one => one ?? [])
    },
    async make(app, branch) {
      await makeFolder(folder, 0o700)
      await writeHook(place, inn)
      await done(git(app, 'check-ref-format', `refs/heads/${branch}`), branch)
      await done(git(app, 'init', '--bare', '-q', '--template='), branch)
      await writeIfChanged(join(at(app), 'config'), config(hooksOf(place)), 0o600)
      await makeFolder(join(at(app), 'info'), 0o700)
      await writeIfChanged(join(at(app), 'info', 'attributes'), ATTRIBUTES, 0o600)
      await done(git(app, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`), branch)
    },
    async remove(app) {
      if (!(await exists(at(app)))) return false
      await removeTree(at(app))
      return true
    },
  }
}

/** Its number where it has no name. */
function ownUser(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid!())
  }
}

async function done(command: ReturnType<typeof exec>, branch: string): Promise<void> {
  const { code, tail } = await command
  if (code === 0) return
  throw new Failure('git.branch', `the repository cannot be made for the branch ${branch}`, {
    why: tail.trim() === '' ? 'git takes no branch of this name' : tail.trim(),
    fix: '`inn git init APP --branch main`',
  })
}
