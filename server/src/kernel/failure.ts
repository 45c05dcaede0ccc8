import { unmarked } from './words.ts'

/**
 * An expected error: what happened, why, and what to do. Each command in `fix` stands in backticks.
 * Code decides by `code`, never by the text. Bugs stay ordinary Errors.
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: string
  readonly why: string
  readonly fix: string
  readonly facts: Readonly<Record<string, unknown>>

  /** `what` is one sentence without a full stop; `why` and `fix` are shown indented below it. */
  constructor(code: string, what: string, more: FailureDetails) {
    super(what, { cause: more.cause })
    this.code = code
    this.why = more.why
    this.fix = more.fix
    this.facts = more.facts ?? {}
  }

  toJSON(): FailureJson {
    return { code: this.code, what: this.message, why: this.why, fix: this.fix, facts: this.facts }
  }
}

export interface FailureDetails {
  why: string
  fix: string
  facts?: Record<string, unknown>
  cause?: unknown
}

export interface FailureJson {
  code: string
  what: string
  why: string
  fix: string
  facts?: Readonly<Record<string, unknown>>
}

/**
 * Converts any thrown value to the shape that is stored and shown. An unknown error is described as a bug. `app`: the app
 * that it is about, for the commands of drivers, which know no app and write APP for it.
 */
export function describe(error: unknown, app: string | null = null): FailureJson {
  if (error instanceof Failure && app !== null) return ofApp(error.toJSON(), app)
  if (error instanceof Failure) return error.toJSON()
  const text = error instanceof Error ? error.message : String(error)
  if (diskIsFull(error)) {
    return {
      code: 'disk.full',
      what: 'the disk is full',
      why: text,
      fix: 'free disk space (`df -h` shows where it went), then try again',
    }
  }
  return {
    code: 'internal',
    what: text,
    why: 'this is a defect in Innkeeper: it met a case that it did not expect',
    fix: '`inn logs keeper -n 50` shows where; please report it',
  }
}

/** The failure with the name of its app in its commands: `inn logs APP` becomes `inn logs shop`. */
function ofApp(failure: FailureJson, app: string): FailureJson {
  const named = (text: string) =>
    text.replaceAll(/\b(inn(?: [a-z]+){1,2}) APP\b/g, (_, command) => `${command} ${app}`)
  return { ...failure, why: named(failure.why), fix: named(failure.fix) }
}

/** Whether an error means that the disk is full, from the system or from SQLite. Any write may meet it, and it is no bug. */
function diskIsFull(error: unknown): boolean {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown }
  const SQLITE_FULL = 13
  return code === 'ENOSPC' || code === 'EDQUOT' || (code === 'ERR_SQLITE_ERROR' && errcode === SQLITE_FULL)
}

/** The three lines that a terminal shows. */
export function lines(failure: FailureJson): string {
  return `${failure.what}\n  why: ${indent(failure.why)}\n  fix: ${indent(unmarked(failure.fix))}`
}

const indent = (text: string): string => text.trimEnd().split('\n').join('\n       ')
