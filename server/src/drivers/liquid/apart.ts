import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Held } from '../../apps/releases/runner.ts'
import type { Order, Renderer, TemplateSet } from '../../apps/templates/template.ts'
import { Failure } from '../../kernel/failure.ts'
import { inTurns } from '../../kernel/turns.ts'
import { execHeld } from '../host/held.ts'
import { programBeside } from '../host/program.ts'
import { tailOf } from '../host/tail.ts'
import type { Question, Reply } from './lines.ts'

const PROGRAM = programBeside(import.meta, 'program')
const PROJECT = join(import.meta.dirname, '../../../..')
/** Where npm put the packages: beside us, or above where we are a package ourselves. */
const PACKAGES = fileURLToPath(import.meta.resolve('liquidjs')).replace(
  /(?<=\/node_modules\/)liquidjs\/.*$/,
  '',
)
/** A template makes texts, which lie in the heap: nobody has to look at the process again and again. */
const MOST_HEAP_MB = 96
/** Longer than the library lets a template take, and than the program takes to start on a busy machine. */
const ANSWER_MS = 5_000
const IDLE_MS = 60_000
const LONGEST_MS = 86_400_000
/** Sources that the program keeps (`program.ts`); one more, and it may not know the first. */
const KNOWN = 4
/** A check is of what nobody may run yet: it has a program of its own, which ends with it. */
const CHECKED = 'check'

interface Program {
  held: Held
  known: string[]
  waiting: Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>
  idle: NodeJS.Timeout | null
}

type Asked = { do: 'check' } | { do: 'samples' } | { do: 'render'; order: Order }

/**
 * Templates are made into messages by a program for each app that sends some: what a template takes, it takes from its
 * own app alone. The program may read our own files, and do nothing else to the machine.
 */
export function liquid({ answerMs = ANSWER_MS } = {}): Renderer & { close(): void } {
  const programs = new Map<string, Promise<Program>>()
  const lines = new Map<string, { turn: ReturnType<typeof inTurns>; left: number }>()
  let last = 0

  function programOf(app: string): Promise<Program> {
    const running = programs.get(app)
    if (running !== undefined) return running
    const gone = () => {
      if (programs.get(app) === begun) programs.delete(app)
    }
    const begun: Promise<Program> = begin(gone)
    programs.set(app, begun)
    begun.catch(gone)
    return begun
  }

  /** One question of an app after the other: what one takes is no other's time, and neither is its end. */
  async function ask(app: string, set: TemplateSet, asked: Asked): Promise<unknown> {
    const line = lines.get(app) ?? { turn: inTurns(), left: 0 }
    lines.set(app, line)
    line.left += 1
    try {
      return await line.turn(() => answered(app, set, asked))
    } finally {
      line.left -= 1
      if (line.left === 0) lines.delete(app)
    }
  }

  async function answered(app: string, { source, files }: TemplateSet, asked: Asked): Promise<unknown> {
    const program = await programOf(app)
    if (program.idle !== null) clearTimeout(program.idle)
    const news = program.known.includes(source) ? {} : { files }
    program.known = [...program.known.filter(one => one !== source), source].slice(-KNOWN)
    const id = ++last
    const question: Question = { id, source, ...news, ...asked }
    const slow = setTimeout(() => program.held.signal('SIGKILL'), answerMs)
    try {
      return await new Promise((resolve, reject) => {
        program.waiting.set(id, { resolve, reject })
        program.held.stdin.write(`${JSON.stringify(question)}\n`)
      })
    } finally {
      clearTimeout(slow)
      program.waiting.delete(id)
      program.idle = setTimeout(() => {
        // Whoever asks from now on has another one.
        programs.delete(app)
        program.held.stdin.end()
      }, IDLE_MS).unref()
    }
  }

  const once = async (set: TemplateSet, asked: Asked) => {
    const name = `${CHECKED} ${++last}`
    try {
      return await ask(name, set, asked)
    } finally {
      void programs.get(name)?.then(({ held }) => held.stdin.end())
    }
  }

  return {
    check: async files =>
      Object.keys(files).length === 0
        ? []
        : ((await once({ source: CHECKED, files }, { do: 'check' })) as Awaited<
            ReturnType<Renderer['check']>
          >),
    render: async (app, set, order) =>
      (await ask(app, set, { do: 'render', order })) as Awaited<ReturnType<Renderer['render']>>,
    samples: async (app, set) =>
      (await ask(app, set, { do: 'samples' })) as Awaited<ReturnType<Renderer['samples']>>,
    close: () => {
      for (const program of programs.values()) void program.then(({ held }) => held.signal('SIGKILL'))
    },
  }
}

async function begin(gone: () => void): Promise<Program> {
  const stdout = new PassThrough()
  const errors = tailOf(4_000)
  const readable = [join(PROJECT, 'server'), join(PROJECT, 'package.json'), PACKAGES].map(
    path => `--allow-fs-read=${path}`,
  )
  const held = await execHeld(
    {
      argv: [
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        `--max-old-space-size=${MOST_HEAP_MB}`,
        ...['--permission', ...readable],
        PROGRAM,
      ],
      env: {},
      timeoutMs: LONGEST_MS,
    },
    { stdout, stderr: errors.stream() },
  )
  const program: Program = { held, known: [], waiting: new Map(), idle: null }
  const over = () => {
    gone()
    stdout.end()
    for (const { reject } of program.waiting.values()) reject(slow(errors.text()))
  }
  held.finished.then(over, over)
  void hear(stdout, program)
  return program
}

async function hear(stdout: PassThrough, { waiting }: Program): Promise<void> {
  for await (const line of createInterface({ input: stdout })) {
    const reply = replyOf(line)
    if (reply === null) continue
    const asker = waiting.get(reply.id)
    if ('value' in reply) asker?.resolve(reply.value)
    else asker?.reject(new Failure(reply.failure.code, reply.failure.what, reply.failure))
  }
}

/** null: the program was ended while it wrote. */
function replyOf(line: string): Reply | null {
  try {
    return JSON.parse(line) as Reply
  } catch {
    return null
  }
}

const slow = (said: string): Failure =>
  new Failure('template.slow', 'the template takes more than a message may', {
    why:
      /^(?:\w*Error|FATAL ERROR): .*$/m.exec(said)?.[0] ??
      'it was stopped, as it took too long or too much memory',
    fix: 'look for loops in it; `inn outbox preview APP TEMPLATE` tries it',
  })
