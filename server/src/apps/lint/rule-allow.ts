import type { Draft } from './finding.ts'
import type { Parsed } from './op.ts'
import { RULES } from './rules.ts'

const ALLOW = /inn-allow\s+([a-z][a-z.-]*)[ \t]*:?[ \t]*([^\n]*?)\s*(?:\*\/)?\s*$/gim

/** What comments of the statement allow by name, with the reason. */
export function allowances(
  { comments }: Parsed,
  drafts: readonly Draft[],
): { reasons: Map<string, string>; unused: Draft[] } {
  const reasons = new Map<string, string>()
  const unused: Draft[] = []
  for (const [, rule, reason] of comments.flatMap(comment => [...comment.matchAll(ALLOW)])) {
    const problem = !Object.hasOwn(RULES, rule!)
      ? 'there is no such rule'
      : reason === ''
        ? 'it says no reason'
        : drafts.some(draft => draft.rule === rule)
          ? null
          : 'nothing of that kind is found there'
    if (problem === null) reasons.set(rule!, reason!)
    else
      unused.push({
        rule: 'allow.unused',
        level: reason === '' && problem !== 'there is no such rule' ? 'warning' : 'note',
        what: `inn-allow ${rule}: ${problem}`,
        why: 'it is written `-- inn-allow RULE: reason`, before the statement',
        fix: '`inn db lint --rules` lists them',
      })
  }
  return { reasons, unused }
}
