import { Spark } from '../kit/Spark.tsx'
import { number } from '../kit/words.ts'
import { MINUTES, useTraffic } from './queries.ts'

/** A small chart of the requests in the last minutes, with the current rate. */
export function TrafficSpark({ app }: { app: string }) {
  const { data } = useTraffic(app)
  const points = data?.points ?? []
  const now = points.at(-1)
  if (data === undefined) return <div className="h-14" />
  if (points.length < 2)
    return <p className="text-xs text-faint">No requests in the last {MINUTES} minutes</p>
  const perSecond = points.map(point => point.requests / data.slotSeconds)
  const errors = points.map(point => point.errors / data.slotSeconds)
  const said = now === undefined ? 'no requests yet' : `${number(perSecond.at(-1)!)} requests/s`
  const failed = points.reduce((sum, point) => sum + point.errors, 0)
  return (
    <div>
      <Spark
        label={`${app}, last ${MINUTES} minutes: now ${said}, ${failed} errors`}
        values={perSecond}
        bad={errors}
      />
      <p className="mt-1 flex flex-wrap gap-x-3 text-xs text-soft">
        <span className="text-ink">{said}</span>
        {now?.p95 != null && <span>p95 {Math.round(now.p95)} ms</span>}
        <span className={failed > 0 ? 'font-medium text-bad' : ''}>
          {failed} errors in {MINUTES} min
        </span>
      </p>
    </div>
  )
}
