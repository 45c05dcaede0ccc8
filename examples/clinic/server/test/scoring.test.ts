import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { type Kind, questionnaires } from '../src/screenings/questionnaire.ts'
import { AnswersError, scoreOf } from '../src/screenings/scoring.ts'

/** Answers with this sum, the last question left at zero as long as the others can carry it. */
function answersOf(kind: Kind, sum: number): number[] {
  let left = sum
  return questionnaires[kind].questions.map(() => {
    const answer = Math.min(3, left)
    left -= answer
    return answer
  })
}

const bandsOf = (kind: Kind, sums: number[]) => sums.map((sum) => scoreOf(kind, answersOf(kind, sum)).band)

test('PHQ-9: both ends of each published band', () => {
  deepEqual(bandsOf('phq9', [0, 4, 5, 9, 10, 14, 15, 19, 20, 27]), [
    'minimal', 'minimal', 'mild', 'mild', 'moderate', 'moderate', 'moderately severe', 'moderately severe', 'severe', 'severe',
  ])
})

test('GAD-7: both ends of each published band', () => {
  deepEqual(bandsOf('gad7', [0, 4, 5, 9, 10, 14, 15, 21]), [
    'minimal', 'minimal', 'mild', 'mild', 'moderate', 'moderate', 'severe', 'severe',
  ])
})

test('any answer to the ninth question of the PHQ-9 is flagged, however low the score', () => {
  deepEqual(scoreOf('phq9', [0, 0, 0, 0, 0, 0, 0, 0, 1]), { score: 1, band: 'minimal', flagged: true })
  equal(scoreOf('phq9', [3, 3, 3, 3, 3, 3, 3, 3, 0]).flagged, false)
  equal(scoreOf('gad7', [3, 3, 3, 3, 3, 3, 3]).flagged, false)
})

test('an answer that is missing, left over or unknown is no answer', () => {
  throws(() => scoreOf('phq9', [1, 1, 1]), AnswersError)
  throws(() => scoreOf('gad7', Array(9).fill(0)), AnswersError)
  throws(() => scoreOf('gad7', [0, 0, 0, 0, 0, 0, 4]), /Answer 7/)
  throws(() => scoreOf('gad7', [0, 0.5, 0, 0, 0, 0, 0]), /Answer 2/)
})
