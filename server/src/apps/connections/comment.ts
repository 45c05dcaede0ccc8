import { plain } from '../../kernel/output.ts'
import type { PullView } from './wire.ts'

/** What is seen of a preview that is there. */
export interface Shown {
  /** Where it answers; null: on loopback alone. */
  url: string | null
  /** When it is removed with its data. */
  until: string
  /** Whether visitors are asked for a name and a password. */
  login: string | null
}

const MOST_LINES = 20
const MOST_LETTERS = 3_000

/** The one comment below a pull request. `shown`: of a preview that is up. */
export function commentOf(
  { commit, state, said }: Pick<PullView, 'commit' | 'state' | 'said'>,
  shown: Shown | null,
): string {
  const of = commit === null ? 'the preview' : `the preview of \`${commit.slice(0, 7)}\``
  if (state === 'building') return `Innkeeper builds ${of}.`
  if (state === 'failed')
    return `Innkeeper could not ${commit === null ? 'remove' : 'deploy'} ${of}:\n\n${fenced(said ?? 'no reason was noted')}`
  if (state !== 'up' || shown === null) return 'The preview was removed with its data.'
  const { url, until, login } = shown
  return [
    url === null
      ? 'The preview answers on 127.0.0.1 of its server alone: `previews:` of innkeeper.yaml names no domain.'
      : `**Preview:** ${url}`,
    `Of \`${commit!.slice(0, 7)}\`. It is removed with its data at ${until.slice(0, 16).replace('T', ' ')} UTC, or when this is closed.`,
    ...(login === null
      ? []
      : [`Sign in as \`${login}\`. Whoever may deploy it sees the password with \`inn preview list\`.`]),
  ].join('\n\n')
}

/** Lines of a program, in which no word means anything to the provider. */
function fenced(text: string): string {
  const lines = plain(text).split('\n').slice(-MOST_LINES).join('\n').slice(-MOST_LETTERS)
  const longest = Math.max(2, ...[...lines.matchAll(/`+/g)].map(([marks]) => marks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${lines}\n${fence}`
}
