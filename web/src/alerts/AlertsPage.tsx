import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { AlertView } from '../../../server/src/watch/alerts/wire.ts'
import { Badge } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { WithCommands } from '../kit/Command.tsx'
import { Empty } from '../kit/Empty.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Check, Cross, Warn } from '../kit/icons.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Ago } from '../kit/time.tsx'
import { useMay, useMayIn } from '../people/me.ts'
import { Messages } from './Messages.tsx'
import { useAck, useAlerts } from './queries.ts'
import { SilenceDialog } from './SilenceDialog.tsx'
import { Silences } from './Silences.tsx'

const MUTED = {
  silence: 'silenced',
  change: 'not told while its app is being changed',
  cause: 'follows from another alert',
} as const

/** What is wrong with this server, who was told of it, and by which messages. */
export function AlertsPage() {
  const alerts = useAlerts()
  const [seesAll, maySilence] = [useMay('viewer', null), useMay('operator', null)]
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h1 className="text-2xl font-semibold tracking-tight">Alerts</h1>
        <Link to="/report" className="link">
          Report of the day, week and month
        </Link>
      </div>
      <Loaded query={alerts} rows={6}>
        {all => {
          const firing = all.filter(one => one.state === 'firing')
          const over = all.filter(one => one.state !== 'firing')
          return (
            <>
              <Card title="Wrong now" aside={<span className="text-xs text-soft">the worst first</span>}>
                {firing.length === 0 ? <Empty>Nothing is wrong.</Empty> : <List alerts={firing} open />}
              </Card>
              {seesAll && <Silences mayAct={maySilence} />}
              {seesAll && <Messages />}
              {over.length > 0 && (
                <Card title="Over, in the last week">
                  <List alerts={over} />
                </Card>
              )}
            </>
          )
        }}
      </Loaded>
    </div>
  )
}

function List({ alerts, open = false }: { alerts: readonly AlertView[]; open?: boolean }) {
  const mayAct = useMayIn('operator')
  return (
    <ul aria-label="alerts" className="divide-y divide-line">
      {alerts.map(alert => (
        <li
          key={`${alert.source} ${alert.fingerprint}`}
          data-alert={alert.labels['alertname']}
          className="grid gap-2 px-4 py-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-start"
        >
          <One alert={alert} />
          {open && mayAct(alert.app) && <Actions alert={alert} />}
        </li>
      ))}
    </ul>
  )
}

function One({ alert }: { alert: AlertView }) {
  const { what, more, app, since, overAt, told, acked, muted, flapping } = alert
  return (
    <div className="grid min-w-0 gap-1">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Severity alert={alert} />
        <span className="font-medium break-words">{what}</span>
        {flapping && <Badge tone="warn">comes and goes</Badge>}
      </p>
      {more && (
        <p className="text-soft">
          <WithCommands text={more} />
        </p>
      )}
      <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-soft">
        {app && (
          <Link to="/apps/$app" params={{ app }} className="link">
            {app}
          </Link>
        )}
        <span>
          began <Ago at={since} />
        </span>
        {overAt && (
          <span>
            over <Ago at={overAt} />
          </span>
        )}
        {muted && <span>{MUTED[muted]}</span>}
        {told.length > 0 && <span>told: {told.map(one => one.channel).join(', ')}</span>}
        {acked && (
          <span>
            {acked.by} has it in hand, since <Ago at={acked.at} />
          </span>
        )}
      </p>
    </div>
  )
}

function Severity({ alert: { state, severity } }: { alert: AlertView }) {
  const small = 'size-3.5'
  if (state === 'stopped') return <Badge tone="warn">source stopped reporting</Badge>
  if (state === 'over')
    return (
      <Badge>
        <Check className={small} />
        over
      </Badge>
    )
  return severity === 'late' ? (
    <Badge tone="bad">
      <Cross className={small} />
      critical
    </Badge>
  ) : (
    <Badge tone="warn">
      <Warn className={small} />
      warning
    </Badge>
  )
}

function Actions({ alert }: { alert: AlertView }) {
  const maySilence = useMay('operator', null)
  const [silencing, setSilencing] = useState(false)
  const ack = useAck()
  return (
    <div className="grid gap-2">
      <div className="flex gap-1.5">
        {alert.acked === null && (
          <Button small busy={ack.isPending} onClick={() => ack.mutate(alert.occurrence)}>
            Acknowledge
          </Button>
        )}
        {maySilence && alert.muted !== 'silence' && (
          <Button small onClick={() => setSilencing(true)}>
            Silence
          </Button>
        )}
      </div>
      {ack.error != null && <ErrorBox error={ack.error} />}
      {silencing && <SilenceDialog alert={alert} onClose={() => setSilencing(false)} />}
    </div>
  )
}
