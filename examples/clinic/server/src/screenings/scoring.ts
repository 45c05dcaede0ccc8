import { type Kind, questionnaires } from './questionnaire.ts'

export interface Result {
  score: number
  band: string
  flagged: boolean
}

export class AnswersError extends Error {}

/** Throws AnswersError: a missing answer is not a zero. */
export function scoreOf(kind: Kind, answers: readonly number[]): Result {
  const { questions, bands, alarm } = questionnaires[kind]
  if (answers.length !== questions.length) {
    throw new AnswersError(`There are ${questions.length} questions, and ${answers.length} answers.`)
  }
  const wrong = answers.findIndex((answer) => ![0, 1, 2, 3].includes(answer))
  if (wrong >= 0) throw new AnswersError(`Answer ${wrong + 1} is not 0, 1, 2 or 3.`)
  const score = answers.reduce((sum, answer) => sum + answer, 0)
  const band = bands.findLast(({ from }) => score >= from)!.name
  return { score, band, flagged: alarm !== undefined && answers[alarm]! > 0 }
}
