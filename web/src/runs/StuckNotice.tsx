import { Link } from '@tanstack/react-router'
import { Warn } from '../kit/icons.tsx'
import { Leftover } from './Leftover.tsx'
import { useRuns } from './queries.ts'

/** Says on the app's page that its last run is stuck and needs a person. It stays until another run ended. */
export function StuckNotice({ app }: { app: string }) {
  const last = useRuns(app).data?.[0]
  if (last?.outcome !== 'stuck') return null
  return (
    <section role="alert" className="rounded-lg border border-bad/40 bg-bad-tint p-4">
      <p className="flex gap-2 font-semibold">
        <Warn className="mt-0.5 text-bad" />
        <Link to="/runs/$run" params={{ run: last.id }} className="link">
          {last.title} is stuck: a person must act
        </Link>
      </p>
      <Leftover lines={last.leftover} />
    </section>
  )
}
