import { Link } from '@tanstack/react-router'
import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import { AppStateBadge, ColourMark } from '../kit/Badge.tsx'
import { Command } from '../kit/Command.tsx'
import { Ago } from '../kit/time.tsx'
import { RunProgress } from '../runs/RunProgress.tsx'
import { TrafficSpark } from '../traffic/TrafficSpark.tsx'
import { Dots } from './Dots.tsx'
import { Url } from './Url.tsx'

const BORDER: Partial<Record<AppStatus['state'], string>> = {
  down: 'border-bad',
  degraded: 'border-warn',
}

export function AppCard({ app }: { app: AppStatus }) {
  return (
    <li
      data-app={app.name}
      data-state={app.state}
      className={`relative flex min-w-0 flex-col gap-3 rounded-lg border bg-card p-4 ${BORDER[app.state] ?? 'border-line hover:border-edge'}`}
    >
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="text-base font-semibold">
            <Link
              to="/apps/$app"
              params={{ app: app.name }}
              className="after:absolute after:inset-0 after:rounded-lg"
            >
              {app.name}
            </Link>{' '}
            {/* The name of every other environment stands in that of the app. */}
            {!app.name.includes('@') && (
              <span className="text-sm font-normal text-faint">{app.environment}</span>
            )}
          </h2>
          <span className="relative">{app.url && <Url url={app.url} />}</span>
        </div>
        <AppStateBadge state={app.state} />
      </div>
      {app.reason && <p className={app.state === 'down' ? 'text-bad' : 'text-warn'}>{app.reason}</p>}
      {app.running && <RunProgress id={app.running} />}
      {app.state === 'new' ? (
        <p className="relative text-soft">
          Nothing is deployed yet. <Command text="inn deploy" />
        </p>
      ) : (
        <>
          <TrafficSpark app={app.name} />
          <ul aria-label={`instances of ${app.name}`} className="flex flex-wrap gap-x-5 gap-y-1">
            {app.services.map(service => (
              <Dots key={service.name} service={service} />
            ))}
          </ul>
        </>
      )}
      {app.release && (
        <p className="mt-auto flex flex-wrap items-center gap-x-2 gap-y-1 border-t border-line pt-3 text-xs text-soft">
          {app.colour && <ColourMark colour={app.colour} />}
          <span className="font-medium text-ink">{app.release}</span>
          {app.deployedAt && (
            <span>
              deployed <Ago at={app.deployedAt} />
              {app.deployedBy && ` by ${app.deployedBy}`}
            </span>
          )}
        </p>
      )}
    </li>
  )
}
