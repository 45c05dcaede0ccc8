import { Lexer, type Token, type Tokens } from 'marked'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { duration } from '../../config/fields.ts'
import { judge } from './allowed.ts'
import { readLine } from './line.ts'
import { type Item, namesApp, type Runbook, type Section } from './runbook.ts'

/** What stands between two lines of `---` at the beginning. */
const Head = z.strictObject({
  /** Alerts that it helps with. */
  for: z.array(z.string().max(100)).max(30).default([]),
  safe: z.boolean().default(false),
  timeout: duration
    .refine(ms => ms >= 1_000 && ms <= 6 * 3_600_000, 'a step may take from 1s to 6h')
    .default(600_000),
})

/** More than a person walks through. */
const MOST_ITEMS = 100
export const LARGEST_BYTES = 65_536
/** A paragraph in one line is shorter. What a line may mean in Markdown takes long to find out in one that is not. */
const LONGEST_LINE = 4_000

/** A runbook that was read, with what is wrong with it: a sentence for each fault, with its line. */
export interface Parsed {
  runbook: Runbook
  problems: readonly string[]
}

/** Reads a runbook. `problems` that are not empty keep it from being walked. */
export function parseRunbook(name: string, text: string): Parsed {
  const problems: string[] = []
  const long = text.split('\n').findIndex(line => line.length > LONGEST_LINE)
  if (long !== -1) problems.push(`line ${long + 1}: it has more than ${LONGEST_LINE} letters`)
  const { head, body, from } = headOf(long === -1 ? text : '', problems)
  const tokens = blocksOf(body, problems)
  const found = sectionsOf(tokens, from, problems)
  if (found.title === null) problems.push('it has no title: the first line is `# What it is about`')
  if (found.items.length === 0)
    problems.push('it has no section: each step stands below a line `## What to do`')
  if (found.items.length > MOST_ITEMS)
    problems.push(
      `it has ${found.items.length} steps, more than the ${MOST_ITEMS} that anybody walks through`,
    )
  if (head.safe) problems.push(...unsafe(found.items))
  const ofApp = found.items.some(
    item =>
      item.kind === 'check' ||
      (item.kind === 'question' && item.sql !== null) ||
      (item.kind === 'command' && namesApp(item.words)),
  )
  return {
    runbook: {
      ...{ name, title: found.title ?? name, about: found.about, ofApp },
      ...{ for: head.for, safe: head.safe, timeoutMs: head.timeout },
      ...{ sections: found.sections, items: found.items.slice(0, MOST_ITEMS), links: linksOf(body) },
    },
    problems,
  }
}

/** Its title alone, which lists show of many. What anybody may write is read in one go: no pattern here goes back over it. */
export function titleIn(text: string): string | null {
  const body = text.replace(FRONT, '')
  return /^# +(\S.*)$/m.exec(body)?.[1]?.trim() ?? null
}

const FRONT = /^---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/

/** `from`: the line of the text at which the body begins. */
function headOf(text: string, problems: string[]) {
  const found = FRONT.exec(text)
  if (found === null) return { head: Head.parse({}), body: text, from: 1 }
  const body = text.slice(found[0].length)
  const from = linesIn(found[0]) + 1
  try {
    const read = Head.safeParse(parseYaml(found[1]!) ?? {})
    if (read.success) return { head: read.data, body, from }
    for (const issue of read.error.issues)
      problems.push(`between the lines of ---: ${[...issue.path, issue.message].join(': ')}`)
  } catch (error) {
    problems.push(`between the lines of --- stands no YAML: ${(error as Error).message.split('\n')[0]}`)
  }
  return { head: Head.parse({}), body, from }
}

const linesIn = (text: string): number => text.split('\n').length - 1

interface Found {
  title: string | null
  about: string
  sections: Section[]
  items: Item[]
}

function sectionsOf(tokens: readonly Token[], from: number, problems: string[]): Found {
  const found: Found = { title: null, about: '', sections: [], items: [] }
  let line = from
  let open: { section: { title: string; prose: string }; steps: Item[] } | null = null
  const close = () => {
    if (open === null) return
    open.section.prose = open.section.prose.trim().replaceAll(/\n{3,}/g, '\n\n')
    const first = firstOf(open.section, found.sections.length, open.steps)
    found.sections.push(open.section)
    found.items.push(...first, ...open.steps)
    open = null
  }
  for (const token of tokens) {
    if (token.type === 'heading' && token['depth'] <= 2) {
      close()
      const { depth, text } = token as Tokens.Heading
      if (depth === 2) open = { section: { title: text, prose: '' }, steps: [] }
      else if (found.title === null) found.title = text
      else problems.push(`line ${line}: a second title; a runbook has one \`#\`, and \`##\` for each section`)
    } else if (isStep(token)) {
      if (open === null)
        problems.push(
          `line ${line}: this step stands in no section: a line \`## What to do\` comes before it`,
        )
      else open.steps.push(...stepsOf(token, { section: found.sections.length, line: line + 1 }, problems))
    } else if (open === null) found.about += token.raw
    else open.section.prose += token.raw
    line += linesIn(token.raw)
  }
  close()
  return { ...found, about: found.about.trim() }
}

const isStep = (token: Token): token is Tokens.Code =>
  token.type === 'code' && /^inn(\s|$)/.test((token as Tokens.Code).lang ?? '')

/** A heading that asks, or a section of words alone, is something to do, too. */
function firstOf({ title, prose }: Section, section: number, steps: Item[]): Item[] {
  if (title.endsWith('?')) {
    const [first] = steps
    const sql = first?.kind === 'check' ? first.text : null
    if (sql !== null) steps.shift()
    return [{ kind: 'question', section, text: title, prose, sql }]
  }
  return steps.length > 0 ? [] : [{ kind: 'text', section, text: title, prose }]
}

function stepsOf(
  { lang, text }: Tokens.Code,
  at: { section: number; line: number },
  problems: string[],
): Item[] {
  const [, kind, ...more] = (lang ?? '').trim().split(/\s+/)
  if (kind === 'sql' && more.length === 0) {
    const wrong = wrongSql(text)
    if (wrong !== null) problems.push(`line ${at.line}: ${wrong}`)
    return [{ kind: 'check', section: at.section, text: text.trim() }]
  }
  if (kind !== undefined) {
    problems.push(`line ${at.line - 1}: a step is \`\`\`inn, with a command in each line, or \`\`\`inn sql`)
    return []
  }
  return text.split('\n').flatMap((typed, n) => {
    const line = typed.trim()
    if (line === '' || line.startsWith('#')) return []
    const item = commandOf(line, at.section)
    if ('problem' in item) problems.push(`line ${at.line + n}: ${item.problem}`)
    return 'problem' in item ? [] : [item]
  })
}

function commandOf(line: string, section: number): Item | { problem: string } {
  const read = readLine(line)
  if ('problem' in read) return read
  const [program, ...words] = read.words
  if (program !== 'inn')
    return { problem: `\`${program}\` is no command of inn, and a runbook has no others` }
  const judged = judge(words)
  if ('problem' in judged) return judged
  return { kind: 'command', section, text: line, words, changes: judged.changes }
}

/** PostgreSQL itself keeps a check from changing anything; this says it before. */
const wrongSql = (text: string): string | null =>
  /^\s*(select|with|values|table)\b/i.test(text)
    ? null
    : 'a check reads: it begins with select, with, values or table'

function unsafe(items: readonly Item[]): string[] {
  return items.flatMap(item => {
    if (item.kind !== 'command') return []
    const judged = judge(item.words)
    if (!('problem' in judged) && judged.safe) return []
    return [`safe: true, and \`${item.text}\` is nothing that runs by itself: a person says yes to it`]
  })
}

function linksOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\]\(<?(https?:\/\/[^\s)>]+)/g)].map(([, href]) => href!))]
}

/**
 * Headings, paragraphs and blocks of code. What stands within a paragraph is not looked at: nothing here needs it, and what
 * anybody may write there can take long to read.
 */
function blocksOf(text: string, problems: string[]): Token[] {
  try {
    return new Lexer().blockTokens(text.replaceAll('\r\n', '\n'))
  } catch {
    problems.push('it cannot be read: something in it stands too deep within something else')
    return []
  }
}
