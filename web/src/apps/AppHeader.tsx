import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import { AppStateBadge, ColourMark } from '../kit/Badge.tsx'
import { Command } from '../kit/Command.tsx'
import { Warn } from '../kit/icons.tsx'
import { Ago, useNow } from '../kit/time.tsx'
import { coarse } from '../kit/words.ts'
import { Url } from './Url.tsx'

export function AppHeader({ app, actions }: { app: AppStatus; actions: ReactNode }) {
  return (
    <div className="grid gap-3">
      <nav aria-label="where" className="text-xs text-faint">
        <Link to="/" className="hover:text-ink">
          Apps
        </Link>{' '}
        / {app.name}
      </nav>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5">
            <h1 className="text-2xl font-semibold tracking-tight">{app.name}</h1>
            <AppStateBadge state={app.state} />
            {app.colour && <ColourMark colour={app.colour} />}
          </div>
          <p className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-soft">
            {app.url && <Url url={app.url} />}
            {!app.name.includes('@') && <span>{app.environment}</span>}
            {app.release && (
              <span>
                <span className="font-medium text-ink">{app.release}</span>
                {app.deployedAt && (
                  <>
                    {' '}
                    deployed <Ago at={app.deployedAt} />
                    {app.deployedBy && ` by ${app.deployedBy}`}
                  </>
                )}
              </span>
            )}
            {app.state !== 'new' && (
              <Link to="/backups" search={{ app: app.name }} className="link">
                Backups
              </Link>
            )}
          </p>
        </div>
        {actions}
      </div>
      {app.reason && (
        <p
          role="alert"
          className={`flex gap-2 rounded-lg border px-4 py-2.5 ${app.state === 'down' ? 'border-bad/40 bg-bad-tint' : 'border-warn/40 bg-warn-tint'}`}
        >
          <Warn className={`mt-0.5 ${app.state === 'down' ? 'text-bad' : 'text-warn'}`} />
          {app.reason}
        </p>
      )}
      {app.state === 'new' && (
        <p className="text-soft">
          Nothing is deployed yet. In its folder: <Command text="inn deploy" />
        </p>
      )}
      {app.rollback && <RollbackHint rollback={app.rollback} />}
    </div>
  )
}

function RollbackHint({ rollback }: { rollback: NonNullable<AppStatus['rollback']> }) {
  const now = useNow()
  const left = rollback.warmUntil === null ? null : Date.parse(rollback.warmUntil) - now
  return (
    <p className="text-xs text-soft">
      Rollback returns to <span className="font-medium text-ink">{rollback.release}</span>
      {rollback.warm ? ', which still runs: it takes seconds' : ', which has to start first'}
      {rollback.warm && left !== null && left > 0 && ` (warm for ${coarse(left)} more)`}.
    </p>
  )
}
