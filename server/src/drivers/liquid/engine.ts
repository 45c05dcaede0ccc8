import { compile } from 'html-to-text'
import { Liquid, type Template } from 'liquidjs'
import { chosenOrFail, layoutFor, sendable } from '../../apps/templates/choose.ts'
import { type Front, frontOf } from '../../apps/templates/front.ts'
import type {
  Order,
  Rendered,
  TemplateFiles,
  TemplateProblem,
  TemplateSample,
} from '../../apps/templates/template.ts'
import { Failure } from '../../kernel/failure.ts'

/** What one message may take. The process around it has bounds that hold where these do not (`apart.ts`). */
const RENDER_MS = 500
const MOST_MEMORY = 16 * 1024 ** 2
const MOST_HTML = 256 * 1024
const MOST_TELEGRAM = 4_096
const MOST_SUBJECT = 200

interface Parsed {
  subject: Template[] | null
  body: Template[]
}

/** Templates of one source, read once. Nothing of it reads a file, and no template can name one. */
export function openTemplates(files: TemplateFiles) {
  const engines = { html: liquid(files, true), txt: liquid(files, false) }
  const known = new Map<string, Parsed>()

  const engineOf = (file: string): Liquid => (file.endsWith('.html') ? engines.html : engines.txt)

  function parsed(file: string): Parsed {
    const before = known.get(file)
    if (before !== undefined) return before
    const { subject, body } = frontOrFail(file, files[file]!)
    const made = {
      // A subject is no HTML.
      subject: subject === null ? null : engines.txt.parse(subject, file),
      body: engineOf(file).parse(body, file),
    }
    known.set(file, made)
    return made
  }

  return {
    problems: (): TemplateProblem[] =>
      Object.keys(files)
        .sort()
        .flatMap(file => problemsOf(file, files[file]!, engines)),

    samples: (): TemplateSample[] =>
      sendable(files).map(({ file, template, way, language }) => {
        const front = frontOf(files[file]!)
        return { template, way, language, sample: 'problem' in front ? {} : front.sample }
      }),

    /** Failures `template.unknown`, `template.variable`, `template.broken`, `template.long`. */
    render(order: Order): Rendered {
      const file = chosenOrFail(files, order)
      const made = (name: string, work: () => string) => orFail(name, order.template, work)
      const { subject, body } = parsed(file)
      const text = made(file, () => engineOf(file).renderSync(body, order.variables) as string).trim()
      if (order.way === 'telegram')
        return { subject: null, html: null, text: within(text, MOST_TELEGRAM, file) }
      const line = oneLine(made(file, () => engines.txt.renderSync(subject ?? [], order.variables) as string))
      const layout = layoutFor(files, order)
      const html =
        layout === null
          ? text
          : made(
              layout,
              () =>
                engines.html.renderSync(parsed(layout).body, {
                  ...order.variables,
                  subject: line,
                  content: text,
                }) as string,
            ).trim()
      within(html, MOST_HTML, file)
      return { subject: within(line, MOST_SUBJECT, file), html, text: plainOf(html) }
    },
  }
}

export type Templates = ReturnType<typeof openTemplates>

const liquid = (files: TemplateFiles, html: boolean): Liquid =>
  new Liquid({
    fs: held(files),
    relativeReference: false,
    ...(html ? { outputEscape: 'escape' as const } : {}),
    strictVariables: true,
    // What a template asks for by `if`, or gives another value by `default`, may be missing.
    lenientIf: true,
    strictFilters: true,
    ownPropertyOnly: true,
    renderLimit: RENDER_MS,
    memoryLimit: MOST_MEMORY,
    parseLimit: 2 * MOST_HTML,
  })

/** `render` and `include` reach parts of the same folder, and nothing else. */
function held(files: TemplateFiles) {
  const bodies = new Map(Object.entries(files).map(([file, text]) => [file, bodyOf(text)]))
  const text = (file: string): string => bodies.get(file)!
  const has = (file: string) => bodies.has(file)
  return {
    ...{ readFileSync: text, readFile: async (file: string) => text(file) },
    ...{ existsSync: has, exists: async (file: string) => has(file) },
    ...{ contains: async () => true, containsSync: () => true },
    ...{ resolve: (_: string, file: string) => file, dirname: () => '', sep: '/' },
  }
}

function bodyOf(text: string): string {
  const front = frontOf(text)
  return 'problem' in front ? '' : front.body
}

function problemsOf(file: string, text: string, engines: { html: Liquid; txt: Liquid }): TemplateProblem[] {
  const front = frontOf(text)
  if ('problem' in front) return [{ file, line: 1, message: front.problem }]
  const engine = file.endsWith('.html') ? engines.html : engines.txt
  const isMail = sendable({ [file]: '' }).some(one => one.way === 'email')
  return [
    ...(isMail && front.subject === null
      ? [{ file, line: 1, message: 'it has no subject: begin it with ---, subject: …, ---' }]
      : []),
    ...parseProblem(file, front.body, engine),
    ...parseProblem(file, front.subject ?? '', engines.txt),
  ]
}

function parseProblem(file: string, text: string, engine: Liquid): TemplateProblem[] {
  try {
    engine.parse(text, file)
    return []
  } catch (error) {
    const { line, message } = placeOf(error)
    return [{ file, line, message }]
  }
}

/** The library adds the file and the place to its message. */
function placeOf(error: unknown): { line: number | null; message: string } {
  const { message } = error as Error
  const [, words, line] = /^([\s\S]*?)(?:, file:[^,]*)?, line:(\d+), col:\d+$/.exec(message) ?? []
  return words === undefined ? { line: null, message } : { line: Number(line), message: words }
}

function frontOrFail(file: string, text: string): Front {
  const front = frontOf(text)
  if ('problem' in front) throw broken(file, front.problem)
  return front
}

function orFail(file: string, template: string, work: () => string): string {
  try {
    return work()
  } catch (error) {
    if (error instanceof Failure) throw error
    const { message, line } = placeOf(error)
    if (/limit exceeded$/.test(message)) throw tooMuch(file, message)
    const [, variable] = /^undefined variable: (.+)$/.exec(message) ?? []
    if (variable === undefined) throw broken(file, `${line === null ? '' : `line ${line}: `}${message}`)
    throw new Failure('template.variable', `${template} was not given ${variable}`, {
      why: `line ${line} of messages/${file} shows it`,
      fix: `send it among variables, or write {{ ${variable} | default: "" }} where it may be missing`,
      facts: { variable, file, line },
    })
  }
}

const tooMuch = (file: string, why: string): Failure =>
  new Failure('template.slow', `messages/${file} takes more than a message may`, {
    why,
    fix: 'look for loops in it; `inn outbox preview APP TEMPLATE` tries it',
  })

const broken = (file: string, why: string): Failure =>
  new Failure('template.broken', `nothing can be made of messages/${file}`, {
    why,
    fix: 'correct the template, and deploy: `inn check` tries all of them',
  })

function within(text: string, most: number, file: string): string {
  if (text.length <= most) return text
  throw new Failure('template.long', `messages/${file} became ${text.length} letters long`, {
    why: `${most} are the most that is sent`,
    fix: 'send less of it, with an address where the rest stands',
  })
}

/** A line break in a value must not begin a header of its own. */
const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()

/** What mail readers show that show no HTML. Made once: to read the options takes longer than to read a mail. */
const plainOf = compile({
  wordwrap: 78,
  selectors: [
    { selector: 'img', format: 'skip' },
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
    ...['h1', 'h2', 'h3'].map(selector => ({ selector, options: { uppercase: false } })),
  ],
})
