import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'

/** What a push does to one ref. null: it is not there, before or afterwards. */
export interface Update {
  ref: string
  from: string | null
  to: string | null
}

export type Push = Update & { to: string }

const NONE = /^0+$/

/** What git tells its hook: a line for each ref. */
export const updatesOf = (text: string): Update[] =>
  text
    .split('\n')
    .map(line => line.split(' '))
    .filter(words => words.length === 3)
    .map(([from, to, ref]) => ({
      ref: ref!,
      from: NONE.test(from!) ? null : from!,
      to: NONE.test(to!) ? null : to!,
    }))

/** What of a push is deployed, and what is said of the rest. Failure `git.branch-removed`. */
export function decide(
  updates: readonly Update[],
  { app, branch }: { app: string; branch: string },
): { deploy: Push | null; notes: string[] } {
  const own = updates.find(({ ref }) => ref === `refs/heads/${branch}`)
  if (own?.to === null)
    throw new Failure('git.branch-removed', `${branch} is the branch that ${app} is deployed from`, {
      why: 'without it nothing here says what serves, and what serves would go on',
      fix: `\`inn stop ${app}\` ends the app, \`inn remove ${app}\` takes it off the server, \`inn git remove ${app}\` removes this repository alone`,
    })
  const others = updates.filter(one => one !== own)
  return {
    deploy: own === undefined ? null : (own as Push),
    notes: others.map(one => noteOf(one, { app, branch })),
  }
}

function noteOf({ ref, to }: Update, { app, branch }: { app: string; branch: string }): string {
  const name = ref.replace(/^refs\/(heads|tags)\//, '')
  if (to === null) return `${name} is removed from this repository; ${app} goes on as it is`
  if (ref.startsWith('refs/tags/')) return `the tag ${name} is kept; tags deploy nothing`
  return `${name} is kept, and not deployed: ${app} is deployed from ${branch} (inn git init ${app} --branch NAME says another one)`
}

/** What may be said with `git push -o`. */
export interface PushOptions {
  fresh: boolean
  newOrigin: boolean
}

const KNOWN = ['fresh', 'new-origin']

/** What git tells its hook of `git push -o`. Failure `usage.push-option`. */
export function optionsOf(env: Readonly<Record<string, string | undefined>>): PushOptions {
  const count = Number(env['GIT_PUSH_OPTION_COUNT'] ?? 0)
  const given = Array.from({ length: count }, (_, n) => env[`GIT_PUSH_OPTION_${n}`] ?? '')
  const unknown = given.filter(option => !KNOWN.includes(option))
  if (unknown.length === 0) return { fresh: given.includes('fresh'), newOrigin: given.includes('new-origin') }
  throw new Failure('usage.push-option', `a push has no option ${list(unknown)}`, {
    why: `it has ${list(KNOWN)}, which mean what they mean to inn deploy`,
    fix: '`git push -o fresh`',
  })
}
