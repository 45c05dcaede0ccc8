import type { z } from 'zod'
import { didYouMean, list } from '../kernel/words.ts'
import type { LineOf, Problem } from './problem.ts'
import { keysAt } from './walk.ts'

type Issue = z.core.$ZodIssue

/** Most unknown keys of one mapping that are named. */
const MOST_KEYS = 50

/** What the schema found wrong at one place, as problems in words: the rule, and not the name of a check. */
export function worded(issue: Issue, lineOf: LineOf): Problem[] {
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue, lineOf)
  if (issue.code === 'invalid_union') return ofUnion(issue, lineOf)
  return [{ path: issue.path.join('.'), line: lineOf(issue.path), message: ruleOf(issue) }]
}

function unknownKeys(issue: Extract<Issue, { code: 'unrecognized_keys' }>, lineOf: LineOf): Problem[] {
  const known = keysAt(issue.path)
  return issue.keys.slice(0, MOST_KEYS).map(key => {
    const near = didYouMean(key, known)
    const hint = near === null ? `known here: ${list(known)}` : `did you mean ${near}?`
    // A mapping that may have one of several forms was read as another one.
    const message = known.includes(key)
      ? 'it does not go with the other keys here, or one that belongs to it is missing'
      : `unknown key; ${hint}`
    return { path: [...issue.path, key].join('.'), line: lineOf([...issue.path, key]), message }
  })
}

/** What a branch of a union says of keys that it does not have. */
const oddIn = (branch: readonly Issue[]) =>
  branch.find(one => one.code === 'unrecognized_keys' && one.path.length === 0) as
    | Extract<Issue, { code: 'unrecognized_keys' }>
    | undefined

/** Whether a branch wants text, say, and the value is a mapping. */
const isOfAnotherForm = ({ code, path }: Issue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')

function ofUnion(issue: Extract<Issue, { code: 'invalid_union' }>, lineOf: LineOf): Problem[] {
  const branches = issue.errors.filter(branch => branch.length > 0)
  const inside = (inner: Issue) => worded({ ...inner, path: [...issue.path, ...inner.path] }, lineOf)
  // Where one branch alone takes such a value, that one is meant, and all that it says is true.
  const [fits, ...others] = branches.filter(branch => !branch.some(isOfAnotherForm))
  if (fits !== undefined && others.length === 0) return fits.flatMap(inside)
  // Of a union's branches, the one that matched furthest is what the author meant: it has all keys that stand there.
  const best = branches.find(
    branch => oddIn(branch) === undefined && branch.some(one => one.code === 'custom' || one.path.length > 0),
  )
  const [odd] = branches
    .flatMap(branch => oddIn(branch) ?? [])
    .toSorted((one, other) => one.keys.length - other.keys.length)
  if (best === undefined && odd !== undefined) return worded({ ...odd, path: issue.path }, lineOf)
  if (best !== undefined) return best.slice(0, 1).flatMap(inside)
  const wanted = [...new Set(branches.flat().flatMap(shapesOf))]
  const [first] = leaves(issue)
  const message =
    wanted.length === 0 ? (first?.message ?? issue.message) : `${received(first)}write ${either(wanted)}`
  return [{ path: issue.path.join('.'), line: lineOf(issue.path), message }]
}

const leaves = (issue: Issue): Issue[] =>
  issue.code === 'invalid_union' ? issue.errors.flat().flatMap(leaves) : [issue]

/** The rule that a value breaks, as a person would say it. */
function ruleOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_key':
      return issue.issues[0] === undefined ? issue.message : ruleOf(issue.issues[0])
    case 'invalid_type':
      if (/received undefined/.test(issue.message)) return 'is missing'
      return `${received(issue)}write ${either(shapesOf(issue))}`
    case 'invalid_value':
      return issue.message.startsWith('Invalid') ? `write ${either(issue.values.map(String))}` : issue.message
    case 'too_small':
      if (issue.origin === 'array') return 'is empty: write one at least'
      return issue.origin === 'string' && issue.minimum === 1
        ? 'is empty: write text'
        : `${issue.minimum} at least`
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? issue.message
        : `${issue.maximum} at most`
    default:
      return issue.message
  }
}

const SHAPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

/** Forms of a value that would be right, in words. */
function shapesOf(issue: Issue): string[] {
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(shapesOf)
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code !== 'invalid_type') return []
  return [SHAPES[issue.expected] ?? issue.expected]
}

const SEEN: Record<string, string> = {
  string: 'is text',
  number: 'is a number',
  boolean: 'is true or false',
  array: 'is a list',
  object: 'is a mapping',
  null: 'has no value',
}

/** What stands there, from the message of the check: the issue itself does not carry the value. */
function received(issue: Issue | undefined): string {
  const seen = SEEN[/received (\w+)/.exec(issue?.message ?? '')?.[1] ?? '']
  return seen === undefined || (issue?.code === 'invalid_type' && issue.expected === 'int') ? '' : `${seen}: `
}

function either(forms: readonly string[]): string {
  return forms.length < 2 ? (forms[0] ?? '') : `${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}`
}
