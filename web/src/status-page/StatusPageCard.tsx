import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import {
  type ComponentState,
  type ComponentView,
  StatusPageView,
} from '../../../server/src/watch/status-page/wire.ts'
import { ask } from '../keeper/request.ts'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { Card } from '../kit/Card.tsx'
import { Ago } from '../kit/time.tsx'
import { count } from '../kit/words.ts'

const SHOWN_DAYS = 90

const TONES: Record<ComponentState, Tone> = {
  ...{ operational: 'green', degraded: 'warn', partial: 'warn', major: 'bad' },
  ...{ maintenance: 'blue', unknown: 'soft' },
}
const BARS: Record<ComponentState, string> = {
  ...{ operational: 'bg-green', degraded: 'bg-warn', partial: 'bg-warn', major: 'bg-bad' },
  ...{ maintenance: 'bg-blue', unknown: 'bg-line' },
}
const WORDS: Record<ComponentState, string> = {
  ...{ operational: 'operational', degraded: 'degraded', partial: 'partial outage', major: 'major outage' },
  ...{ maintenance: 'maintenance', unknown: 'not known' },
}

/** What people outside see of an app: its public page, how many are told, and what they were told last. */
export function StatusPageCard({ app }: { app: string }) {
  const { data = [] } = useQuery({
    queryKey: ['status-pages'],
    queryFn: () => ask(z.array(StatusPageView), '/api/status-pages'),
    refetchInterval: 10_000,
  })
  const shown = data.find(one => one.app === app)
  if (shown === undefined) return null
  const { url, page, mail, subscribers, told, publishedAt } = shown
  return (
    <Card
      title="Status page"
      aside={
        <a className="link text-xs break-all" href={url} target="_blank" rel="noreferrer">
          {url.replace(/^https?:\/\//, '').replace(/\/$/, '')}
        </a>
      }
    >
      <ul aria-label="components of the status page" className="divide-y divide-line">
        {page.components.map(one => (
          <Component key={one.name} one={one} />
        ))}
      </ul>
      <p className="flex flex-wrap gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 text-xs text-soft">
        <span>{mail === null ? 'nobody can subscribe' : count(subscribers, 'subscriber')}</span>
        <span>
          {told === null ? (
            'nothing was told yet'
          ) : (
            <>
              told <Ago at={told.at} />: {told.title}
            </>
          )}
        </span>
        {publishedAt === null && <span className="text-warn">not written yet</span>}
      </p>
    </Card>
  )
}

function Component({ one: { name, state, uptime, days } }: { one: ComponentView }) {
  const share = uptime === null ? 'not measured yet' : `${Math.floor(uptime * 10_000 + 1e-6) / 100} % up`
  return (
    <li className="grid gap-x-4 gap-y-1.5 px-4 py-2.5 sm:grid-cols-[12rem_minmax(0,1fr)_8rem] sm:items-center">
      <p className="flex min-w-0 flex-wrap items-center gap-2">
        <span className="font-medium break-words">{name}</span>
        <Badge tone={TONES[state]}>{WORDS[state]}</Badge>
      </p>
      <div role="img" aria-label={`${SHOWN_DAYS} days of ${name}: ${share}`} className="flex h-6 gap-px">
        {days.map(day => (
          <span
            key={day.day}
            title={`${day.day}: ${day.known === 0 ? 'not measured' : WORDS[day.state]}`}
            className={`flex-1 rounded-[1px] ${BARS[day.state]}`}
          />
        ))}
      </div>
      <p className="text-xs text-soft sm:text-right">{share}</p>
    </li>
  )
}
