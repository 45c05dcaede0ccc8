import type { Order, TemplateFiles } from '../../apps/templates/template.ts'
import type { FailureJson } from '../../kernel/failure.ts'

/** A line to the program. `files`: with the first question about a source; afterwards it knows them. */
export type Question = { id: number; source: string; files?: TemplateFiles } & (
  | { do: 'check' }
  | { do: 'samples' }
  | { do: 'render'; order: Order }
)

/** A line of the program. */
export type Reply = { id: number } & ({ value: unknown } | { failure: FailureJson })
