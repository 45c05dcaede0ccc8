import { Waiting } from '../approvals/Waiting.tsx'
import { useStatus } from '../keeper/status.ts'
import { Alarms } from '../kit/Alarms.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Forecasts } from '../metrics/Forecasts.tsx'
import { HostMetrics } from '../metrics/HostMetrics.tsx'
import { useMay } from '../people/me.ts'
import { HostStrip } from '../shell/HostStrip.tsx'
import { AppCard } from './AppCard.tsx'
import { headline } from './headline.ts'

export function OverviewPage() {
  const status = useStatus()
  const seesAll = useMay('viewer', null)
  return (
    <Loaded query={status} rows={6}>
      {data => (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
          <h1 className="text-2xl font-semibold tracking-tight text-balance">{headline(data)}</h1>
          <Waiting />
          <Alarms alarms={data.alarms} />
          {data.apps.length === 0 ? (
            <section className="rounded-lg border border-line bg-card">
              <Empty command="inn deploy">
                The keeper is ready. In the folder of an application with an innkeeper.yaml:
              </Empty>
            </section>
          ) : (
            <ul
              aria-label="apps"
              className="grid grid-cols-[repeat(auto-fit,minmax(min(23rem,100%),1fr))] gap-4"
            >
              {data.apps.map(app => (
                <AppCard key={app.name} app={app} />
              ))}
            </ul>
          )}
          <HostStrip status={data} />
          {seesAll && <HostMetrics />}
          <Forecasts />
        </div>
      )}
    </Loaded>
  )
}
