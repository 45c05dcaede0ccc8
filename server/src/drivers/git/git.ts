import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { exec, SYSTEM_PATH } from '../host/exec.ts'

/** Letters of all paths together. A list that was cut off would leave files out of the deploy without a word. */
const MOST_LISTED = 128 * 1024 ** 2

/** Runs git in a folder. Any exit code is an answer. */
export async function git(folder: string, args: readonly string[], env: Record<string, string> = {}) {
  const done = await exec({
    argv: ['git', '-C', folder, '-c', 'core.quotePath=false', ...args],
    env: { PATH: process.env['PATH'] ?? SYSTEM_PATH, HOME: process.env['HOME'] ?? '/', ...env },
    timeoutMs: 60_000,
    mostOutput: MOST_LISTED,
  })
  if (done.stdout.length < MOST_LISTED) return done
  throw new Failure('source.too-large', 'the folder has more files than a source may have', {
    why: `their paths alone take more than ${showSize(MOST_LISTED)}`,
    fix: 'deploy a smaller folder, or name in .gitignore what does not belong to the source',
  })
}
