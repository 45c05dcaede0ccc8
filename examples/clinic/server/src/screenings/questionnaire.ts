/**
 * PHQ-9 (Kroenke, Spitzer, Williams 2001) and GAD-7 (Spitzer, Kroenke, Williams, Löwe 2006), free to use.
 * Each question is answered by how often it bothered somebody in the last two weeks.
 */
export const kinds = ['phq9', 'gad7'] as const
export type Kind = (typeof kinds)[number]

export interface Band {
  /** The lowest score that belongs to it. */
  from: number
  name: string
}

export interface Questionnaire {
  title: string
  questions: readonly string[]
  bands: readonly Band[]
  /** Index of the question of which any answer but "not at all" has to be looked at. */
  alarm?: number
}

export const frequencies = ['Not at all', 'Several days', 'More than half the days', 'Nearly every day'] as const

export const questionnaires: Record<Kind, Questionnaire> = {
  phq9: {
    title: 'PHQ-9 · Depression',
    questions: [
      'Little interest or pleasure in doing things',
      'Feeling down, depressed, or hopeless',
      'Trouble falling or staying asleep, or sleeping too much',
      'Feeling tired or having little energy',
      'Poor appetite or overeating',
      'Feeling bad about yourself, or that you are a failure or have let yourself or your family down',
      'Trouble concentrating on things, such as reading the newspaper or watching television',
      'Moving or speaking so slowly that other people could have noticed, or the opposite: being so fidgety or restless that you have been moving around a lot more than usual',
      'Thoughts that you would be better off dead, or of hurting yourself in some way',
    ],
    bands: [
      { from: 0, name: 'minimal' },
      { from: 5, name: 'mild' },
      { from: 10, name: 'moderate' },
      { from: 15, name: 'moderately severe' },
      { from: 20, name: 'severe' },
    ],
    alarm: 8,
  },
  gad7: {
    title: 'GAD-7 · Anxiety',
    questions: [
      'Feeling nervous, anxious, or on edge',
      'Not being able to stop or control worrying',
      'Worrying too much about different things',
      'Trouble relaxing',
      'Being so restless that it is hard to sit still',
      'Becoming easily annoyed or irritable',
      'Feeling afraid, as if something awful might happen',
    ],
    bands: [
      { from: 0, name: 'minimal' },
      { from: 5, name: 'mild' },
      { from: 10, name: 'moderate' },
      { from: 15, name: 'severe' },
    ],
  },
}
