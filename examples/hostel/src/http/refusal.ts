/** An answer of 4xx that is the caller's to correct. Anything else that is thrown is a bug, and answers 500. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export const notFound = (what: string) => new Refusal(404, 'not_found', `There is no such ${what}.`)
