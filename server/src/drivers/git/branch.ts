import { git } from './git.ts'

/**
 * The branch of a folder; null: none is checked out, or it is not in git. Services that test and deploy check out a
 * commit, and say in their own variables of which branch it is.
 */
export async function branchOf(folder: string, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const head = await git(folder, ['symbolic-ref', '--quiet', '--short', 'HEAD'])
  if (head.code === 0) return head.stdout.trim()
  if ((await git(folder, ['rev-parse', '--git-dir'])).code !== 0) return null
  const github = env['GITHUB_REF_TYPE'] === 'branch' ? env['GITHUB_REF_NAME'] : undefined
  return github ?? env['CI_COMMIT_BRANCH'] ?? null
}
