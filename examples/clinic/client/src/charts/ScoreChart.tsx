import { date, day } from '../format.ts'
import { Empty } from '../kit/parts.tsx'
import type { Questionnaire, Screening } from '../types.ts'

const WIDTH = 480
const HEIGHT = 200
const LEFT = 116
const BOTTOM = 24
const shades = ['#eef5f0', '#e6efd9', '#fbf1d3', '#f8e5da', '#f3d5cd']

interface Taken { id: number; at: number; score: number; band: string; flagged: boolean }

/** Scores over time, on the published bands. */
export function ScoreChart({ questionnaire, screenings }: { questionnaire: Questionnaire; screenings: Screening[] }) {
  const taken = screenings.flatMap<Taken>((s) =>
    s.takenAt === null || s.score === null || s.band === null ? [] : [{ ...s, at: Date.parse(s.takenAt), score: s.score, band: s.band }])
  if (taken.length === 0) return <Empty>Not answered yet.</Empty>
  const most = questionnaire.questions.length * 3
  const y = (score: number) => (HEIGHT - BOTTOM) * (1 - score / most)
  const [first, last] = [taken[0]!.at, taken.at(-1)!.at]
  const x = (at: number) => LEFT + 16 + (WIDTH - LEFT - 32) * (last === first ? 0.5 : (at - first) / (last - first))
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="w-full" role="img" aria-label={`${questionnaire.title}: ${taken.map((t) => t.score).join(', ')}`}>
      {questionnaire.bands.map((band, i) => {
        const top = y((questionnaire.bands[i + 1]?.from ?? most + 1) - 0.5)
        const bottom = Math.min(y(band.from - 0.5), HEIGHT - BOTTOM)
        return (
          <g key={band.name}>
            <rect x={LEFT} y={Math.max(top, 0)} width={WIDTH - LEFT} height={bottom - Math.max(top, 0)} fill={shades[i]} />
            <text x={LEFT - 8} y={(Math.max(top, 0) + bottom) / 2 + 4} textAnchor="end" fontSize="11" fill="#6d7b74">{band.name}</text>
          </g>
        )
      })}
      <polyline points={taken.map((t) => `${x(t.at)},${y(t.score)}`).join(' ')} fill="none" stroke="#2f5d50" strokeWidth="2.5" strokeLinejoin="round" />
      {taken.map((t) => (
        <g key={t.id}>
          <circle cx={x(t.at)} cy={y(t.score)} r="5" fill={t.flagged ? '#b91c1c' : '#2f5d50'} stroke="white" strokeWidth="2">
            <title>{`${date(new Date(t.at))}: ${t.score}, ${t.band}${t.flagged ? ', question 9 answered' : ''}`}</title>
          </circle>
          <text x={x(t.at)} y={y(t.score) - 10} textAnchor="middle" fontSize="12" fontWeight="600" fill="#23312c">{t.score}</text>
        </g>
      ))}
      <text x={x(first)} y={HEIGHT - 6} textAnchor="middle" fontSize="11" fill="#6d7b74">{shortDay(first)}</text>
      {last !== first && <text x={x(last)} y={HEIGHT - 6} textAnchor="middle" fontSize="11" fill="#6d7b74">{shortDay(last)}</text>}
    </svg>
  )
}

const shortDay = (at: number) => day(new Date(at)).replace(/^\w+,? /, '')
