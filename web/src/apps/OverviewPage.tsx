import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import { useStatus } from '../keeper/status.ts'
import { Alarms } from '../kit/Alarms.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { list } from '../kit/words.ts'
import { HostStrip } from '../shell/HostStrip.tsx'
import { AppCard } from './AppCard.tsx'

export function OverviewPage() {
  const status = useStatus()
  return (
    <Loaded query={status} rows={6}>
      {data => (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
          <h1 className="text-2xl font-semibold tracking-tight text-balance">{headline(data.apps)}</h1>
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
        </div>
      )}
    </Loaded>
  )
}

/** The headline: the sentence that somebody reads first at two in the morning. */
function headline(apps: readonly AppStatus[]): string {
  const named = (state: AppStatus['state']) => apps.filter(app => app.state === state).map(app => app.name)
  const is = (names: string[], what: string) => `${list(names)} ${names.length === 1 ? 'is' : 'are'} ${what}`
  const trouble = (['down', 'degraded'] as const).filter(state => named(state).length > 0)
  if (trouble.length > 0) return trouble.map(state => is(named(state), state)).join('; ')
  const serving = named('serving')
  if (apps.length === 0) return 'No apps yet'
  if (serving.length === 0) return 'Nothing is serving'
  if (serving.length === apps.length)
    return apps.length === 1 ? `${serving[0]} is serving` : 'All apps are serving'
  return is(serving, 'serving')
}
