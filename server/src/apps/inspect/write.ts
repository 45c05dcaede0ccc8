import { stringify } from 'yaml'
import type { Note, Proposal, Spare } from './proposal.ts'

const WIDTH = 100
/** Paths of mappings that are written with one key on a line. */
const OPEN = /^(?:services(?:\.[^.]+(?:\.(?:env|buildEnv))?)?|routes|env)$/

/** The text of innkeeper.yaml: keys in the order in which people read them, each below the comment with its reason. */
export function write({ config, notes, spares }: Proposal): string {
  const order = ['name', 'domains', 'services', 'routes', 'database', 'redis', 'release', 'migrations', 'env']
  const left = [...spares]
  const body = order.map(key => {
    const value = (config as Record<string, unknown>)[key]
    const spare = take(left, '', key)
    const lines = value === undefined ? [] : entry(key, value, { path: key, notes, left })
    const of = value === undefined ? orphans(left, key) : []
    return [...lines, ...spare.flatMap(spareLines), ...of].join('\n')
  })
  return `${HEAD}\n${body.filter(part => part !== '').join('\n\n')}\n`
}

const HEAD = `# What this app is, for Innkeeper. Written by inn init from what stands in the repository.
# Lines with "check:" are guesses: look at them, correct them, and take the word out.
# inn check reads the file; Innkeeper's docs/innkeeper-yaml.md says what every key means.
`

interface At {
  path: string
  notes: readonly Note[]
  left: Spare[]
}

function entry(key: string, value: unknown, at: At): string[] {
  const above = comments(at.path, at.notes)
  const open = OPEN.test(at.path) && typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!open) return [...above, ...closed(key, value)]
  const inner = Object.entries(value).flatMap(([k, v]) => entry(k, v, { ...at, path: `${at.path}.${k}` }))
  const missing = Object.keys(value).length === 0 ? [] : inner
  const own = take(at.left, at.path).flatMap(spareLines)
  const deeper = at.path.startsWith('services.')
    ? ['buildEnv', 'env'].filter(k => !(k in value)).flatMap(k => orphans(at.left, `${at.path}.${k}`))
    : []
  // A note about a key that is not written stands at the end of the mapping.
  const silent = at.path.startsWith('services.')
    ? ['health', 'persist'].filter(k => !(k in value)).flatMap(k => comments(`${at.path}.${k}`, at.notes))
    : []
  return [...above, `${scalar(key)}:`, ...[...missing, ...own, ...deeper, ...silent].map(line => `  ${line}`)]
}

/** A mapping that has only commented keys: its own name is a comment too. */
function orphans(left: Spare[], path: string): string[] {
  const spares = take(left, path)
  if (spares.length === 0) return []
  return [
    `# ${path.split('.').at(-1)}:`,
    ...spares.flatMap(spareLines).map(line => line.replace(/^# /, '#   ')),
  ]
}

function take(left: Spare[], under: string, key?: string): Spare[] {
  const hits = left.filter(spare => spare.under === under && (key === undefined || spare.key === key))
  for (const hit of hits) left.splice(left.indexOf(hit), 1)
  return hits
}

const spareLines = ({ key, value, why }: Spare): string[] =>
  closed(key, value).map((line, i) => `# ${line}${i === 0 ? `   # ${why}` : ''}`)

function comments(path: string, notes: readonly Note[]): string[] {
  return notes
    .filter(note => note.path === path)
    .flatMap(note => wrap(note.check ? `check: ${note.text}` : note.text))
}

function wrap(text: string): string[] {
  const lines: string[] = []
  let line = '#'
  for (const word of text.replaceAll(/\s+/g, ' ').split(' ')) {
    if (line.length + word.length > WIDTH - 6 && line !== '#') {
      lines.push(line)
      line = '#'
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

/** A list on one line when it fits, else one item on a line. */
function closed(key: string, value: unknown): string[] {
  const line = `${scalar(key)}: ${flow(value)}`
  if (line.length <= WIDTH || !Array.isArray(value)) return [line]
  return [`${scalar(key)}:`, ...value.map(item => `  - ${flow(item)}`)]
}

const flow = (value: unknown): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true })
    .trimEnd()
    .replace(/^\[ /, '[')
    .replace(/ \]$/, ']')
const scalar = (key: string): string => stringify(key, { lineWidth: 0 }).trimEnd()
