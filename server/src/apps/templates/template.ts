/** Templates of an app's messages, as its source has them: name of the file in `messages/` → its text. */
export type TemplateFiles = Readonly<Record<string, string>>

/** How a message goes: it decides which of the files is taken. */
export type Way = 'email' | 'telegram'

export const FOLDER = 'messages'
export const MOST_FILES = 200
export const MOST_LETTERS = 256 * 1024
export const MOST_LETTERS_IN_ALL = 2 * 1024 ** 2

/** `welcome.html`, `welcome.de-AT.html`, `reminder.txt`; what begins with _ is a part of others. */
export const FILE = /^(_?[a-z][a-z0-9-]{0,59})(?:\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?))?\.(html|txt)$/
export const LAYOUT = 'layout'
export const ENDING: Record<Way, 'html' | 'txt'> = { email: 'html', telegram: 'txt' }

export interface TemplateProblem {
  file: string
  /** null: it is about the file as a whole. */
  line: number | null
  message: string
}

/** What is to be made. */
export interface Order {
  way: Way
  template: string
  language: string | null
  variables: Readonly<Record<string, unknown>>
}

/** `html`: null of what has none. */
export interface Rendered {
  /** One line; null: this way has none. */
  subject: string | null
  text: string
  html: string | null
}

/** One template in one language, with the values that it says for a look at it. */
export interface TemplateSample {
  template: string
  way: Way
  /** null: that of who has no language, or one that is not there. */
  language: string | null
  sample: Readonly<Record<string, unknown>>
}

/** What templates cannot be made of. Nothing: all is well. */
export type TemplateCheck = (files: TemplateFiles) => Promise<TemplateProblem[]>

/** A set of templates with a name that says which, so that what is known of it is not sent again. */
export interface TemplateSet {
  /** sha256 of the source that they are of. */
  source: string
  files: TemplateFiles
}

/** The port to the template library. `app`: whose program does it, one order after the other. */
export interface Renderer {
  check: TemplateCheck
  /** Failures `template.unknown`, `template.variable`, `template.broken`, `template.slow`. */
  render(app: string, set: TemplateSet, order: Order): Promise<Rendered>
  samples(app: string, set: TemplateSet): Promise<TemplateSample[]>
}
