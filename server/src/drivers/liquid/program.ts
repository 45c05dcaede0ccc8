import { createInterface } from 'node:readline'
import { Failure } from '../../kernel/failure.ts'
import { openTemplates, type Templates } from './engine.ts'
import type { Question, Reply } from './lines.ts'

/** Sources whose templates stay read: what serves, and what served before. */
const MOST_SOURCES = 4

const known = new Map<string, Templates>()

function templatesOf({ source, files }: Question): Templates {
  const found = files === undefined ? known.get(source) : openTemplates(files)
  if (found === undefined) throw new Error(`nobody said what templates ${source} has`)
  // The one that was asked for least lately goes first, as whoever asks counts on it.
  known.delete(source)
  known.set(source, found)
  if (known.size > MOST_SOURCES) known.delete(known.keys().next().value!)
  return found
}

function answer(question: Question): unknown {
  const templates = templatesOf(question)
  if (question.do === 'render') return templates.render(question.order)
  return question.do === 'check' ? templates.problems() : templates.samples()
}

function replyTo(question: Question): Reply {
  const { id } = question
  try {
    return { id, value: answer(question) }
  } catch (error) {
    if (error instanceof Failure) return { id, failure: error.toJSON() }
    throw error
  }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(replyTo(JSON.parse(line) as Question))}\n`)
