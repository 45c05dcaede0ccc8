import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { exec, SYSTEM_PATH } from '../host/exec.ts'

/** Letters of all paths together. A list that was cut off would leave files out of the deploy without a word. */
const MOST_LISTED = 128 * 1024 ** 2

/** What the configuration of a repository would have git run, or read elsewhere: the repository may be of a stranger. */
const OPTIONS = ['core.quotePath=false', 'core.fsmonitor=false', 'log.showSignature=false']
/** Nothing is fetched (by a program that the configuration names), exchanged by `refs/replace`, or written in passing. */
const ENVIRONMENT = {
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  LC_ALL: 'C',
}

/** How git is started in a folder. */
export const gitCommand = (folder: string, args: readonly string[], env: Record<string, string> = {}) => ({
  argv: ['git', '-C', folder, ...OPTIONS.flatMap(option => ['-c', option]), ...args],
  env: {
    PATH: process.env['PATH'] ?? SYSTEM_PATH,
    HOME: process.env['HOME'] ?? '/',
    ...ENVIRONMENT,
    ...env,
  },
})

/** Runs git in a folder. Any exit code is an answer. */
export async function git(folder: string, args: readonly string[], env: Record<string, string> = {}) {
  const done = await exec({
    ...gitCommand(folder, args, env),
    timeoutMs: 60_000,
    mostOutput: MOST_LISTED,
  })
  if (done.stdout.length < MOST_LISTED) return done
  throw new Failure('source.too-large', 'the folder has more files than a source may have', {
    why: `their paths alone take more than ${showSize(MOST_LISTED)}`,
    fix: 'deploy a smaller folder, or name in .gitignore what does not belong to the source',
  })
}
