/** An answer of 4xx that is the caller's to correct. Anything else that is thrown is a bug, and answers 500. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  /** What a program wants to know beyond the sentence, for instance with whom a booking clashes. */
  readonly facts: Record<string, unknown>

  constructor(status: number, code: string, message: string, facts: Record<string, unknown> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.facts = facts
  }
}

export const notFound = (what: string) => new Refusal(404, 'not_found', `There is no such ${what}.`)
export const forbidden = (who: string) => new Refusal(403, 'forbidden', `This is for ${who} only.`)
