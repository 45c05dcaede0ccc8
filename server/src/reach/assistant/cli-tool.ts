import type { z } from 'zod'
import type { Client } from '../../cli/client.ts'
import { Failure } from '../../kernel/failure.ts'

/** One tool of an assistant: what it takes, what it answers, and how the keeper is asked. */
export interface Tool {
  name: string
  title: string
  about: string
  takes: z.ZodObject
  answers: z.ZodObject
  /** It asks for a change, and none begins by it. */
  proposes: boolean
  ask(client: Client, given: unknown): Promise<Record<string, unknown>>
}

interface Typed<I extends z.ZodObject, O extends z.ZodObject>
  extends Omit<Tool, 'takes' | 'answers' | 'ask'> {
  takes: I
  answers: O
  ask(client: Client, given: z.output<I>): Promise<unknown>
}

/** Declares a tool. What the keeper says is read as the tool promises it; what it does not promise is left out. */
export function tool<I extends z.ZodObject, O extends z.ZodObject>(typed: Typed<I, O>): Tool {
  return {
    ...typed,
    async ask(client, given) {
      const read = typed.answers.safeParse(await typed.ask(client, typed.takes.parse(given)))
      if (read.success) return read.data
      throw new Failure('assistant.version', 'the keeper answered in a form that is not known here', {
        why: read.error.issues
          .map(({ path, message }) => `${path.join('.')}: ${message}`)
          .slice(0, 3)
          .join('\n'),
        fix: '`inn version` says whether this command line and the keeper are of one version',
      })
    },
  }
}
