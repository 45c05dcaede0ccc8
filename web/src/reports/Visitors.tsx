import type { Report } from '../../../server/src/watch/reports/wire.ts'
import { Card } from '../kit/Card.tsx'
import { Columns } from '../kit/Columns.tsx'
import { count, duration } from '../kit/words.ts'

/** Requests of each app over the time of a report, what failed of them in red, and the same before. */
export function Visitors({ report: { traffic, period } }: { report: Report }) {
  const busy = traffic.filter(one => one.now.requests > 0)
  return (
    <Card title="Visitors" aside={<span className="text-xs text-soft">requests, what failed in red</span>}>
      <div className="grid gap-x-8 gap-y-5 p-4 sm:grid-cols-2 lg:grid-cols-3">
        {busy.map(one => (
          <OfApp key={one.app} of={one} period={period} />
        ))}
      </div>
    </Card>
  )
}

type OfOne = Report['traffic'][number]
type Period = Report['period']

function OfApp({ of: { app, now, before, slots }, period }: { of: OfOne; period: Period }) {
  const said = (at: string) => slotOf(at, period)
  return (
    <div className="grid min-w-0 content-start gap-2">
      <Columns
        title={app}
        show={value => value.toLocaleString('en')}
        ends={[said(slots[0]!.at), said(slots.at(-1)!.at)]}
        columns={slots.map(({ at, requests, errors }) => ({
          ...{ key: at, value: requests, tone: 'soft' as const },
          parts: [
            { value: Math.min(errors, requests), tone: 'bad' as const },
            { value: Math.max(0, requests - errors), tone: 'soft' as const },
          ],
          says: `${said(at)}: ${count(requests, 'request')}, ${errors} failed`,
        }))}
      />
      <dl className="grid grid-cols-[auto_1fr_auto] gap-x-3 gap-y-0.5 text-xs">
        <Row
          name="requests"
          now={now.requests.toLocaleString('en')}
          before={before?.requests.toLocaleString('en')}
        />
        <Row name="failed" now={shareOf(now)} before={before === null ? undefined : shareOf(before)} />
        <Row
          name="95 of 100 within"
          now={within(now.p95)}
          before={before === null ? undefined : within(before.p95)}
        />
      </dl>
    </div>
  )
}

const Row = ({ name, now, before }: { name: string; now: string; before: string | undefined }) => (
  <>
    <dt className="text-soft">{name}</dt>
    <dd className="text-right font-medium tabular-nums">{now}</dd>
    <dd className="text-right text-faint tabular-nums">{before === undefined ? '' : `before ${before}`}</dd>
  </>
)

const within = (seconds: number | null): string => (seconds === null ? '–' : duration(seconds * 1000))

function shareOf({ requests, errors }: { requests: number; errors: number }): string {
  const percent = requests === 0 ? 0 : (errors / requests) * 100
  return percent > 0 && percent < 0.1 ? '< 0.1 %' : `${percent.toFixed(1).replace('.0', '')} %`
}

/** An hour of a day, or a day, by the reader's clock. */
const slotOf = (at: string, period: Period): string =>
  new Date(at).toLocaleString(
    'en-GB',
    period === 'day'
      ? { hour: '2-digit', minute: '2-digit' }
      : { weekday: 'short', day: 'numeric', month: 'short' },
  )
